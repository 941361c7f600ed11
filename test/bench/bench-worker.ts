import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { connect } from 'amqplib';
import { freePorts } from '../../ops/private/free-ports.js';
import { stageProgram } from '../../ops/private/stage-program.js';
import { PLAIN_ENVIRONMENT, type Supervised, type Supervisor } from '../../ops/private/supervisor.js';
import { waitUntil } from '../../ops/private/wait-until.js';
import { cpuMsOf, memoryOf, type MemoryMiB } from './process-usage.js';
import { monotonicMs } from './observer.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

export interface BenchWorkerOptions {
  readonly supervisor: Supervisor;
  readonly amqpUrl: string;
  readonly libvirtUri: string;
  readonly virtType: 'qemu' | 'test';
  readonly imageDir: string;
  readonly host: string;
  /** Others than the defaults. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** The process `novalet compute`, with every setting that bears on speed left at its default. */
export class BenchWorker {
  readonly stateDir: string;
  #process: Supervised | undefined;
  #port: number | undefined;

  constructor(private readonly options: BenchWorkerOptions) {
    this.stateDir = options.supervisor.path(`state-${options.host}`);
  }

  /** Starts it; gives the milliseconds until the broker says that its queue has a consumer. */
  async start(): Promise<number> {
    const { supervisor, amqpUrl, host, libvirtUri, virtType, imageDir } = this.options;
    const program = await stageProgram(supervisor, root);
    const [port] = await freePorts(1);
    this.#port = port;
    const watch = await ConsumerWatch.open(amqpUrl, `novalet.compute.${host}.work`);
    try {
      const began = monotonicMs();
      this.#process = await supervisor.spawn(`worker-${host}`, {
        command: process.execPath,
        args: [...nodeOptions(), `${program}/dist/services/compute/cli.js`, 'compute'],
        env: {
          ...PLAIN_ENVIRONMENT,
          HOME: supervisor.directory,
          ...AS_ITS_UNIT_SETS,
          NOVALET_AMQP_URL: amqpUrl,
          NOVALET_HOST: host,
          NOVALET_LIBVIRT_URI: libvirtUri,
          NOVALET_VCPU_RATIO: '256', // many guests on few cores
          NOVALET_VIRT_TYPE: virtType,
          NOVALET_STATE_DIR: this.stateDir,
          NOVALET_IMAGE_DIRS: imageDir,
          NOVALET_LISTEN: `127.0.0.1:${port}`,
          ...this.options.settings,
        },
      });
      const started = this.#process;
      await waitUntil('a consumer of the worker', () => started.over() || watch.consumed(), { everyMs: 5 });
      if (started.over()) throw new Error(`the worker ended at once:\n${(await this.#log()).slice(-2000)}`);
      return monotonicMs() - began;
    } finally {
      await watch.close();
    }
  }

  /** As an operator stops it: SIGTERM. */
  async stop(): Promise<void> {
    await this.#process?.signal('SIGTERM');
    await this.#process?.exited();
    this.#process = undefined;
  }

  /** Dies where it stands. */
  async kill(): Promise<void> {
    await this.#process?.signal('SIGKILL');
    await this.#process?.exited();
    this.#process = undefined;
  }

  get pid(): number {
    return this.#running().pid;
  }

  /** A metric as /metrics shows it, with its labels as they are written there; NaN: not there. */
  async metric(series: string): Promise<number> {
    const text = await (await fetch(`http://127.0.0.1:${this.#port}/metrics`)).text();
    const line = text.split('\n').find((one) => one.startsWith(`${series} `));
    return line === undefined ? NaN : Number(line.slice(series.length));
  }

  memory(): Promise<MemoryMiB> {
    return memoryOf(this.#running().pid);
  }

  async cpuMs(): Promise<number> {
    return (await cpuMsOf(this.#running().pid)).own;
  }

  /** Where the worker keeps an instance. */
  directoryOf(id: string): string {
    return `${this.stateDir}/instances/${id}`;
  }

  /** When it took each spawn from the queue, by its own log (wall clock, to about a millisecond); by instance id. */
  async receivedAt(): Promise<ReadonlyMap<string, number>> {
    const received = new Map<string, number>();
    for (const line of (await this.#log()).split('\n')) {
      if (!line.includes('"command answered"') || !line.includes('"instance.spawn"')) continue;
      const { time, durationMs, instanceId } = JSON.parse(line) as { time: string; durationMs: number; instanceId: string };
      received.set(instanceId, Date.parse(time) - durationMs);
    }
    return received;
  }

  #log(): Promise<string> {
    return readFile(this.#running().logFile, 'utf8');
  }

  #running(): Supervised {
    if (!this.#process) throw new Error('the worker is not running');
    return this.#process;
  }
}

/** What ops/host/novalet-compute.service sets. */
const AS_ITS_UNIT_SETS = { MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: '131072' };

/** For looking closer: BENCH_NODE_OPTIONS="--cpu-prof --cpu-prof-dir=/tmp/profiles" npm run bench */
function nodeOptions(): string[] {
  return (process.env['BENCH_NODE_OPTIONS'] ?? '').split(' ').filter((option) => option !== '');
}

/** Asks the broker itself whether a queue has a consumer: the management API would know seconds later. */
class ConsumerWatch {
  private constructor(
    private readonly connection: Awaited<ReturnType<typeof connect>>,
    private readonly queue: string,
  ) {}

  static async open(url: string, queue: string): Promise<ConsumerWatch> {
    const connection = await connect(url, { noDelay: true });
    connection.on('error', () => undefined);
    return new ConsumerWatch(connection, queue);
  }

  async consumed(): Promise<boolean> {
    const channel = await this.connection.createChannel();
    channel.on('error', () => undefined); // a queue that is not there yet costs the channel
    try {
      const { consumerCount } = await channel.checkQueue(this.queue);
      await channel.close();
      return consumerCount > 0;
    } catch (error) {
      if ((error as { code?: unknown }).code === 404) return false;
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.connection.close();
  }
}
