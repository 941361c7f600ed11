import { setTimeout as sleep } from 'node:timers/promises';
import type { ConsoleReader } from './host-view.js';

export interface ConsolePart {
  readonly content: Buffer;
  /** The log holds more before it. */
  readonly truncated: boolean;
}

export interface ConsoleWish {
  /** How much of its end. */
  readonly maxBytes: number;
  /** Go on with what is written from now on. */
  readonly follow: boolean;
  /** Whether this run of the guest is over: then what is there is all that there will be. */
  readonly isOver: () => boolean;
  readonly signal: AbortSignal;
  /** From one look to the next, in milliseconds. Default 200. */
  readonly everyMs?: number;
}

const CHUNK = 32 * 1024;
const EVERY_MS = 200;

/**
 * A console in parts, as fast as whoever reads them and no faster: what waits, waits in the log's file. Ends with the log, or, where it is followed, with this run of
 * the guest: when it is over, or when its log has become shorter, which is the next one's beginning.
 */
export async function* consoleParts(reader: ConsoleReader, wish: ConsoleWish): AsyncGenerator<ConsolePart> {
  const { maxBytes, follow, isOver, signal, everyMs = EVERY_MS } = wish;
  const end = await reader.size();
  let at = Math.max(0, end - maxBytes);
  let truncated = at > 0;
  while (!signal.aborted) {
    const over = isOver(); // asked first: what it wrote before is read all the same
    const content = await reader.read(at, follow ? CHUNK : Math.min(CHUNK, end - at));
    if (content.length > 0) {
      at += content.length;
      yield { content, truncated };
      truncated = false;
      if (follow || at < end) continue;
    }
    if (!follow || over || (await reader.size()) < at) return;
    await sleep(everyMs, undefined, { signal }).catch(() => {});
  }
}
