import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Inbox } from './inbox.js';
import { takeAwayAfter, type TakeAway } from './take-away.js';

const PROGRAM = fileURLToPath(new URL('../services/compute/fake-worker-process.js', import.meta.url));

/** A worker process on a pretended host; killed with the test if it has not left before. */
export class WorkerProcess {
  readonly #words = new Inbox<string>();
  /** Its log, line by line. */
  readonly log: Record<string, unknown>[] = [];
  readonly #exited: Promise<number | NodeJS.Signals>;
  stderr = '';

  private constructor(private readonly child: ChildProcess) {
    this.#exited = once(child, 'exit').then(([code, signal]) => (code as number | null) ?? (signal as NodeJS.Signals));
    child.on('message', (word) => this.#words.push(word as string));
    let rest = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.log.push(JSON.parse(line) as Record<string, unknown>);
    });
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (this.stderr += chunk));
  }

  static async start(t: TakeAway, url: string, env: Record<string, string> = {}): Promise<WorkerProcess> {
    const stateDir = await mkdtemp(join(tmpdir(), 'novalet-worker-'));
    takeAwayAfter(t, () => rm(stateDir, { recursive: true }));
    const settings = { NOVALET_AMQP_URL: url, NOVALET_HOST: 'host-1', NOVALET_LISTEN: '127.0.0.1:0', NOVALET_STATE_DIR: stateDir, ...env };
    const child = fork(PROGRAM, { env: { PATH: process.env['PATH'], ...settings }, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    const started = new WorkerProcess(child);
    takeAwayAfter(t, () => started.kill());
    return started;
  }

  /** The next spawn stops before its start. */
  hold(): void {
    this.child.send('hold');
  }

  release(): void {
    this.child.send('release');
  }

  /** Resolves when a spawn has come to a hold. */
  async held(): Promise<void> {
    await this.#words.next();
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Its exit code, or the signal that ended it. */
  exited(): Promise<number | NodeJS.Signals> {
    return this.#exited;
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.#exited;
  }

  has(phrase: string): boolean {
    return this.log.some(({ msg }) => msg === phrase);
  }
}
