import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const RIVALS = fileURLToPath(new URL('../../../../test/bench/binding/rival/', import.meta.url));
const OURS = fileURLToPath(new URL('./ours.js', import.meta.url));

/** Who is measured, and how it is started. */
export type Who = 'C' | 'Python' | 'ours' | 'unraid';

/** The C program, compiled for this run. */
export async function compileRival(folder: string): Promise<string> {
  const program = join(folder, 'rival');
  await promisify(execFile)('gcc', ['-O2', '-Wall', '-Werror', join(RIVALS, 'rival.c'), '-lvirt', '-lpthread', '-o', program]);
  return program;
}

export interface Commands {
  readonly program: string;
  /** Where @unraid/libvirt is installed; null where it is not measured. */
  readonly unraid: string | null;
}

function commandOf(who: Who, { program, unraid }: Commands, events: boolean): [string, ...string[]] {
  const more = events ? ['--events'] : [];
  switch (who) {
    case 'C':
      return [program, ...more];
    case 'Python':
      return ['/usr/bin/python3', '-I', join(RIVALS, 'rival.py'), ...more];
    case 'ours':
      return [process.execPath, '--expose-gc', OURS];
    case 'unraid':
      return [process.execPath, join(RIVALS, 'unraid.mjs'), unraid ?? ''];
  }
}

/** One contestant in a process of its own. */
export class Contestant implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  /** @param events with libvirt's default event loop running in C and Python; the binding always has its own */
  constructor(
    readonly who: Who,
    commands: Commands,
    { events = false, library }: { events?: boolean; library?: string | undefined } = {},
  ) {
    const [command, ...args] = commandOf(who, commands, events);
    const env = library === undefined ? process.env : { ...process.env, LD_LIBRARY_PATH: library };
    // The loader would say of every function of the C program that the stand-in has no version information.
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', library === undefined ? 'inherit' : 'ignore'], env });
    this.#lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  }

  /** Gives an order and waits for its figures. */
  async order(...words: (string | number)[]): Promise<number[]> {
    this.#child.stdin?.write(`${words.join(' ')}\n`);
    const next = await this.#lines.next();
    if (next.done === true) throw new Error(`${this.who} ended at "${words.join(' ')}"`);
    return next.value.split(' ').map(Number);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin?.end();
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit');
  }
}
