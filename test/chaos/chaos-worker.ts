import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stageProgram } from '../../ops/private/stage-program.js';
import { PLAIN_ENVIRONMENT, type Exit, type Supervised, type Supervisor } from '../../ops/private/supervisor.js';
import { waitUntil } from '../../ops/private/wait-until.js';
import type { ControlOrders, MemoryReport } from './worker-under-chaos.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const ENTRY = 'dist/test/chaos/worker-under-chaos.js';

/** The images of some seeds. */
const CACHE_BYTES = 8 * 1024 * 1024;

export interface ChaosWorkerOptions {
  readonly supervisor: Supervisor;
  readonly amqpUrl: string;
  /** It serves OpenStack's messages by the same broker. */
  readonly oslo: boolean;
  readonly libvirtUri: string;
  readonly virtType: 'qemu' | 'test';
  readonly host: string;
  readonly stateDir: string;
  readonly snapshotDir: string;
  /** Where images may be fetched from. */
  readonly imageHost: string;
  /** Told of each life's beginning and end. */
  readonly tell: (what: string) => void;
  /** Milliseconds since the seed began. */
  readonly now: () => number;
}

/** What a worker holds when it has nothing to do. */
export interface Holdings {
  /** Which of its lives; comparisons make sense within one. */
  readonly life: string;
  readonly heapBytes: number;
  readonly residentBytes: number;
  readonly handles: number;
  readonly threads: number;
}

/** The worker's process, which is started again whenever it dies, as an init system would. */
export class ChaosWorker {
  #process: Supervised | undefined;
  #lives = 0;
  #measures = 0;
  #wanted = false;
  #deaths: string[] = [];
  #living: Promise<void> = Promise.resolve();
  readonly #control: string;
  readonly logs: string[] = [];
  /** When lives ended, in this seed. */
  readonly ends: number[] = [];

  constructor(private readonly options: ChaosWorkerOptions) {
    this.#control = options.supervisor.path(`control-${options.host}`);
  }

  /** Resolves when it consumes for the first time. */
  async start(): Promise<void> {
    this.#wanted = true;
    await this.#begin();
    this.#living = this.#keepAlive();
    await this.consumes();
  }

  /** Resolves when the life that is on consumes. */
  async consumes(): Promise<void> {
    await waitUntil('the worker to consume', async () => (await this.log()).includes('"worker consumes"'), { timeoutMs: 120_000 });
  }

  /** The next life ends there: now, if the present one has no such end. */
  dieAt(deaths: readonly string[]): void {
    this.#deaths = [...deaths];
  }

  /** Points at which lives ended since the last question. */
  async deaths(): Promise<string[]> {
    const file = `${this.#control}.deaths`;
    const points = (await readFile(file, 'utf8').catch(() => '')).split('\n').filter(Boolean);
    await rm(file, { force: true });
    return points;
  }

  get over(): boolean {
    return this.#process?.over() ?? true;
  }

  signal(signal: NodeJS.Signals): Promise<void> {
    return this.#process?.signal(signal) ?? Promise.resolve();
  }

  async setClock(clockMs: number): Promise<void> {
    await this.#orders({ clockMs });
    if (!this.over) await this.signal('SIGUSR2');
  }

  async measure(): Promise<Holdings> {
    const measure = ++this.#measures;
    await this.#orders({ clockMs: 0, measure });
    await this.signal('SIGUSR2');
    const report = await waitUntil('the worker to measure itself', async () => {
      const read = JSON.parse(await readFile(`${this.#control}.report`, 'utf8')) as MemoryReport;
      return read.measure === measure && read;
    });
    const pid = this.#process?.pid ?? 0;
    const [handles, threads] = await Promise.all([readdir(`/proc/${pid}/fd`), readdir(`/proc/${pid}/task`)]);
    return { ...report, life: `${this.options.host} ${this.#lives}`, handles: handles.length, threads: threads.length };
  }

  async stop(): Promise<void> {
    this.#wanted = false;
    await this.signal('SIGCONT');
    await this.signal('SIGKILL');
    await this.#living;
  }

  async log(): Promise<string> {
    return this.#process ? readFile(this.#process.logFile, 'utf8').catch(() => '') : '';
  }

  /** Loops over lives. */
  async #keepAlive(): Promise<void> {
    while (this.#process) {
      const { code, signal }: Exit = await this.#process.exited();
      this.ends.push(this.options.now());
      this.options.tell(`worker life ${this.#lives} ended: ${signal ?? `exit ${code}`}`);
      if (!this.#wanted) return;
      await this.#begin();
    }
  }

  async #begin(): Promise<void> {
    const { supervisor, amqpUrl, oslo, host, libvirtUri, virtType, stateDir, snapshotDir, imageHost, tell } = this.options;
    const program = await this.#program();
    const death = this.#deaths.shift();
    const name = `worker-${host}-${++this.#lives}`;
    this.#process = await supervisor.spawn(name, {
      command: supervisor.node,
      args: ['--expose-gc', join(program, ENTRY)],
      env: {
        ...PLAIN_ENVIRONMENT,
        NOVALET_AMQP_URL: amqpUrl,
        ...(oslo && { NOVALET_OSLO_URL: amqpUrl, NOVALET_OSLO_TOPOLOGY: 'quorum' }),
        NOVALET_HOST: host,
        NOVALET_LIBVIRT_URI: libvirtUri,
        NOVALET_VIRT_TYPE: virtType,
        NOVALET_STATE_DIR: stateDir,
        NOVALET_IMAGE_DIRS: supervisor.path('images'),
        NOVALET_IMAGE_HOSTS: imageHost,
        NOVALET_IMAGE_CACHE_BYTES: String(CACHE_BYTES),
        NOVALET_SNAPSHOT_DIR: snapshotDir,
        NOVALET_LISTEN: '127.0.0.1:0',
        NOVALET_DEADLINE_SECONDS: '120',
        // Many guests on few cores, and a disk that fills up by the test's hand alone.
        NOVALET_VCPU_RATIO: '256',
        NOVALET_DISK_RATIO: '256',
        NOVALET_DISK_RESERVE_MIB: '0',
        NOVALET_MEMORY_RESERVE_MIB: '0',
        CHAOS_CONTROL: this.#control,
        ...(death !== undefined && { CHAOS_DIE_AT: death }),
      },
    });
    this.logs.push(this.#process.logFile);
    tell(`worker life ${this.#lives} begins${death === undefined ? '' : `, to end at ${death}`}`);
  }

  async #program(): Promise<string> {
    const program = await stageProgram(this.options.supervisor, root);
    if (program === root) return program;
    await mkdir(dirname(join(program, ENTRY)), { recursive: true });
    await copyFile(join(root, ENTRY), join(program, ENTRY));
    return program;
  }

  async #orders(orders: ControlOrders): Promise<void> {
    await writeFile(this.#control, JSON.stringify(orders));
  }
}
