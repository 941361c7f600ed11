import { Command } from 'commander';
import { Readable, Writable } from 'node:stream';
import { addClientCommands } from '../../../../services/cli/program.js';
import { prepared, runProgram } from '../../../../services/cli/run.js';
import type { Output, Surroundings } from '../../../../services/cli/surroundings.js';

export interface RunOptions {
  readonly input?: string;
  /** Standard output and standard error are a terminal. */
  readonly terminal?: boolean;
  readonly env?: Surroundings['env'];
  readonly interrupted?: AbortSignal;
  /** Told of everything that is written, as it comes. */
  readonly onOutput?: (text: string) => void;
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process, with everything around it pretended. */
export async function runCli(words: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { input = '', terminal = false, env = {}, interrupted = new AbortController().signal, onOutput } = options;
  const [stdout, stderr] = [kept(terminal, onOutput), kept(terminal, onOutput)];
  const surroundings: Surroundings = { stdin: Readable.from(input === '' ? [] : [input]), stdout, stderr, env, interrupted };
  const program = prepared(new Command('novalet'), surroundings);
  addClientCommands(program, surroundings);
  const code = await runProgram(program, words, surroundings);
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

function kept(isTTY: boolean, onOutput: ((text: string) => void) | undefined): Output & { text(): string } {
  const pieces: Buffer[] = [];
  const output = new Writable({
    write(piece: Buffer, _encoding, done) {
      pieces.push(piece);
      onOutput?.(piece.toString());
      done();
    },
  });
  return Object.assign(output, { isTTY, columns: 80, text: () => Buffer.concat(pieces).toString() });
}
