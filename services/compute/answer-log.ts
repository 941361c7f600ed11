import { closeSync, fstatSync, openSync, readFileSync, writeSync } from 'node:fs';
import { z } from 'zod';
import { COMMAND_BODIES, type CommandType } from '../common/messages/commands.js';
import type { Answer } from './result.js';

/** The answers that were given last, kept where the end of the process does not take them. */
export interface AnswerLog {
  /** Oldest first. */
  read(): (readonly [key: string, answer: Answer])[];
  /** Best effort, at once: never waits and never throws. */
  add(key: string, answer: Answer): void;
}

export const NO_ANSWER_LOG: AnswerLog = { read: () => [], add: () => {} };

const Line = z.object({
  number: z.int(),
  key: z.string(),
  type: z.enum(Object.keys(COMMAND_BODIES) as [CommandType, ...CommandType[]]).nullable(),
  result: z.looseObject({ outcome: z.enum(['done', 'failed']) }),
});

/** Some thousand answers: more than the commands that can be in hand. */
const BYTES = 2 * 1024 * 1024;
/** One that would push out a great part of the others is not kept: a console. */
const LONGEST = BYTES / 8;

/**
 * Answers as lines in a file of one size, the newest over the oldest: written over on a full disk, too, and without waiting for the storage, because
 * what it must outlive is this process and not the host. A line that was cut by the next one's beginning, or by a kill, is none.
 */
export class AnswerFile implements AnswerLog {
  readonly #file: number;
  readonly #lines: { readonly number: number; readonly key: string; readonly answer: Answer }[] = [];
  #at = 0;
  #number = 0;

  constructor(path: string) {
    this.#file = openSync(path, 'a+', 0o600);
    closeSync(this.#file);
    this.#file = openSync(path, 'r+');
    this.#load();
  }

  read(): (readonly [string, Answer])[] {
    return this.#lines.splice(0).map(({ key, answer }) => [key, answer]);
  }

  add(key: string, { type, result }: Answer): void {
    const line = Buffer.from(`\n${JSON.stringify({ number: ++this.#number, key, type, result })}\n`);
    if (line.length > LONGEST) return;
    if (this.#at + line.length > BYTES) this.#at = 0;
    try {
      writeSync(this.#file, line, 0, line.length, this.#at);
      this.#at += line.length - 1; // the next line's beginning ends this one
    } catch {
      return; // no room was ever found for the whole file; it is remembered for as long as this process lives
    }
  }

  close(): void {
    closeSync(this.#file);
  }

  #load(): void {
    const { size } = fstatSync(this.#file);
    try {
      if (size < BYTES) writeSync(this.#file, Buffer.alloc(BYTES - size), 0, BYTES - size, size);
    } catch {
      // A full disk: room is found line by line, or not at all.
    }
    const content = readFileSync(this.#file);
    let at = 0;
    for (const text of content.toString('latin1').split('\n')) {
      const end = at + text.length;
      const found = lineOf(content.subarray(at, end));
      if (found) this.#lines.push(found);
      if (found && found.number > this.#number) {
        this.#number = found.number;
        this.#at = end;
      }
      at = end + 1;
    }
    this.#lines.sort((a, b) => a.number - b.number);
  }
}

function lineOf(text: Buffer) {
  if (text[0] !== 0x7b) return null; // no {
  try {
    const { number, key, type, result } = Line.parse(JSON.parse(text.toString()));
    return { number, key, answer: { type, result } as unknown as Answer };
  } catch {
    return null;
  }
}
