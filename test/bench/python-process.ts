import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { PLAIN_ENVIRONMENT } from '../../ops/private/supervisor.js';
import { ordinaryUser, spawnAs } from '../../ops/private/ordinary-user.js';

/** Debian's own: the one that python3-libvirt belongs to. */
const PYTHON = '/usr/bin/python3';
const sources = fileURLToPath(new URL('../../../test/bench/rival/', import.meta.url));

/** A Python program that speaks JSON lines, run as the ordinary user. It ends when its standard input does, so never outlives us. */
export class PythonProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #gone: Promise<never>;
  #stderr = '';

  private constructor(script: string, child: ChildProcessWithoutNullStreams, onLine: (line: unknown) => void) {
    this.#child = child;
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#stderr = (this.#stderr + text).slice(-4000)));
    createInterface({ input: child.stdout }).on('line', (line) => onLine(JSON.parse(line)));
    this.#gone = new Promise((_, reject) => {
      child.once('error', reject);
      child.once('close', (code) => reject(new Error(`${script} ended with ${code}: ${this.#stderr.trim()}`)));
    });
    this.#gone.catch(() => undefined); // heard by those who wait
    child.stdin.on('error', () => undefined); // its end is what is acted on
  }

  /** The source is handed over as text: the ordinary user may not be able to read the file. */
  static async start(script: string, args: readonly string[], onLine: (line: unknown) => void): Promise<PythonProcess> {
    const source = await readFile(`${sources}${script}`, 'utf8');
    const child = spawn(PYTHON, ['-I', '-c', source, ...args], {
      cwd: '/',
      env: PLAIN_ENVIRONMENT,
      stdio: 'pipe',
      ...spawnAs(ordinaryUser()),
    });
    return new PythonProcess(script, child, onLine);
  }

  send(order: object): void {
    this.#child.stdin.write(`${JSON.stringify(order)}\n`);
  }

  /** Settles as `wait` does, or rejects when the program ends before. */
  orGone<T>(wait: Promise<T>): Promise<T> {
    return Promise.race([wait, this.#gone]);
  }

  async stop(): Promise<void> {
    this.#child.stdin.end();
    await this.#gone.catch(() => undefined);
  }
}
