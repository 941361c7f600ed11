import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { accessSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { ordinaryUser, spawnAs, type UserIdentity } from './ordinary-user.js';
import { makeRunDirectory } from './run-directory.js';
import type { Program, SuperviseNotice, SuperviseOrder } from './supervise-protocol.js';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A program that a supervisor runs. */
export interface Supervised {
  readonly name: string;
  readonly pid: number;
  /** What it says on stdout and stderr. */
  readonly logFile: string;
  /** Settles when it is over, whatever ended it. Only a wait for it keeps this process alive. */
  exited(): Promise<Exit>;
  over(): boolean;
  signal(signal: NodeJS.Signals): Promise<void>;
}

interface Answer {
  readonly pid?: number;
  readonly output?: string;
  readonly exited?: Promise<Exit>;
}

/** Environment for programs that need nothing of ours. */
export const PLAIN_ENVIRONMENT = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8' } as const;

/**
 * Owns one run directory and the private daemons in it, all as the ordinary user. They end with this process, even one that is killed, and
 * the directory goes with them.
 */
export class Supervisor implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, { resolve: (answer: Answer) => void; reject: (error: Error) => void }>();
  readonly #exits = new Map<number, (exit: Exit) => void>();
  #lastId = 0;
  #waits = 0;
  #over = false;
  /** Its last words, for the error that tells of its end. */
  #complaint = '';

  private constructor(
    child: ChildProcess,
    /** Everything of this run is under it; short, private, gone at the end. */
    readonly directory: string,
    /** The Node to run programs with: one that the ordinary user can run. */
    readonly node: string,
    readonly user: UserIdentity,
  ) {
    this.#child = child;
    child.on('message', (notice: SuperviseNotice) => this.#hear(notice));
    child.stderr?.on('data', (said: Buffer) => (this.#complaint = (this.#complaint + said.toString()).slice(-2000)));
    child.on('exit', () => this.#finish());
    child.on('error', () => this.#finish());
    this.#restUnlessAwaited();
  }

  /** @throws Error when tini is not installed */
  static async start(): Promise<Supervisor> {
    const user = ordinaryUser();
    const source = await readFile(new URL('./supervise.js', import.meta.url), 'utf8');
    const { directory, node } = await makeRunDirectory();
    // In a session of its own, so that a Ctrl-C at the terminal reaches it through us only.
    const child = spawn(
      findTini(),
      ['-s', '--', node, '--input-type=module', '-', directory], // prettier-ignore
      { cwd: '/', env: PLAIN_ENVIRONMENT, stdio: ['pipe', 'ignore', 'pipe', 'ipc'], detached: true, ...spawnAs(user) },
    );
    await once(child, 'spawn'); // rejects on 'error'
    child.stdin?.end(source);
    return new Supervisor(child, directory, node, user);
  }

  /** The process to send SIGTERM to when this one must end without us. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  path(...parts: string[]): string {
    return join(this.directory, ...parts);
  }

  /** Starts a program that is to stay. Its output goes to `<name>.log` in the run directory. */
  async spawn(name: string, program: Program): Promise<Supervised> {
    const { pid, exited } = await this.#ask({ do: 'start', name, program });
    if (pid === undefined || exited === undefined) throw new Error(`${name} was started, and has no process`);
    let over = false;
    void exited.then(() => (over = true));
    return {
      name,
      pid,
      logFile: this.path(`${name}.log`),
      over: () => over,
      exited: () => this.#awake(exited),
      signal: async (signal) => void (await this.#ask({ do: 'signal', name, signal })),
    };
  }

  /** Runs a program to its end and gives what it wrote to stdout. */
  async run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = PLAIN_ENVIRONMENT): Promise<string> {
    return (await this.#ask({ do: 'run', program: { command, args, env } })).output ?? '';
  }

  /** Writes a file as the ordinary user, its directories included. */
  async write(path: string, content: string, mode = 0o600): Promise<void> {
    await this.#ask({ do: 'write', path, content, mode });
  }

  /** From here on it all lives on when this process goes, until SIGTERM to `pid`. */
  async outlive(): Promise<void> {
    await this.#ask({ do: 'outlive' });
    this.#child.disconnect();
  }

  /** Kills whatever runs and removes the run directory. */
  async end(): Promise<void> {
    if (this.#over) return;
    const exited = once(this.#child, 'exit');
    if (this.#child.connected) this.#child.send({ id: 0, do: 'end' });
    else this.#child.kill('SIGTERM');
    await this.#awake(exited);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.end();
  }

  #ask(order: SuperviseOrder): Promise<Answer> {
    const id = ++this.#lastId;
    return this.#awake(
      new Promise<Answer>((resolve, reject) => {
        if (this.#over) return reject(new Error('the supervisor of the private daemons is gone'));
        this.#pending.set(id, { resolve, reject });
        this.#child.send({ id, ...order });
      }),
    );
  }

  #hear(notice: SuperviseNotice): void {
    if ('exited' in notice) {
      this.#exits.get(notice.pid)?.(notice);
      this.#exits.delete(notice.pid);
      return;
    }
    const asker = this.#pending.get(notice.answers);
    this.#pending.delete(notice.answers);
    if ('error' in notice) asker?.reject(new Error(notice.error));
    else asker?.resolve(notice.pid === undefined ? notice : { pid: notice.pid, exited: this.#exitOf(notice.pid) });
  }

  /** Taken before the next message is heard, which may be the news of that very exit. */
  #exitOf(pid: number): Promise<Exit> {
    return new Promise((resolve) => this.#exits.set(pid, resolve));
  }

  /** A process that waits for nothing else may end, and the daemons end with it; one that waits for us stays. */
  async #awake<T>(wait: Promise<T>): Promise<T> {
    this.#waits++;
    this.#child.ref();
    this.#child.channel?.ref();
    try {
      return await wait;
    } finally {
      this.#waits--;
      this.#restUnlessAwaited();
    }
  }

  #restUnlessAwaited(): void {
    if (this.#waits > 0) return;
    this.#child.unref();
    this.#child.channel?.unref();
    if (this.#child.stderr instanceof Socket) this.#child.stderr.unref();
  }

  #finish(): void {
    this.#over = true;
    for (const { reject } of this.#pending.values()) reject(new Error(`the supervisor of the private daemons ended. ${this.#complaint}`));
    this.#pending.clear();
    for (const resolve of this.#exits.values()) resolve({ code: null, signal: 'SIGKILL' });
    this.#exits.clear();
  }
}

function findTini(): string {
  for (const path of ['/usr/bin/tini', '/usr/local/bin/tini', '/sbin/tini']) {
    try {
      accessSync(path);
      return path;
    } catch {
      continue;
    }
  }
  throw new Error('tini is not installed: run "npm run setup", or install the Debian package tini');
}
