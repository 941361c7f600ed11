import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { stageProgram } from '../../ops/private/stage-program.js';
import { PLAIN_ENVIRONMENT, type Supervised, type Supervisor } from '../../ops/private/supervisor.js';
import { waitUntil } from '../../ops/private/wait-until.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

export interface WorkerProcessOptions {
  readonly supervisor: Supervisor;
  /** Null: there is no broker. */
  readonly amqpUrl: string | null;
  readonly libvirtUri: string;
  readonly virtType: 'qemu' | 'test';
  readonly host: string;
}

/** The real worker in a process of its own, that can be killed and started again on the same state directory. */
export class WorkerProcess {
  readonly stateDir: string;
  /** Where images come from; made by whoever has some. */
  readonly imageDir: string;
  /** Settings besides, from the next start on. */
  settings: Readonly<Record<string, string>> = {};
  #process: Supervised | undefined;
  #starts = 0;

  constructor(private readonly options: WorkerProcessOptions) {
    this.stateDir = options.supervisor.path(`state-${options.host}`);
    this.imageDir = options.supervisor.path(`images-${options.host}`);
  }

  /** Of its gRPC API. */
  get socket(): string {
    return `${this.stateDir}/grpc.sock`;
  }

  /** Resolves when it consumes. */
  async start(): Promise<void> {
    const { supervisor, amqpUrl, host, libvirtUri, virtType } = this.options;
    const program = await stageProgram(supervisor, root);
    const worker = await supervisor.spawn(`worker-${host}-${++this.#starts}`, {
      command: supervisor.node,
      args: [`${program}/dist/services/compute/cli.js`, 'compute'],
      env: {
        ...PLAIN_ENVIRONMENT,
        ...(amqpUrl !== null && { NOVALET_AMQP_URL: amqpUrl }),
        NOVALET_HOST: host,
        NOVALET_LIBVIRT_URI: libvirtUri,
        NOVALET_VCPU_RATIO: '256', // many guests on few cores
        NOVALET_VIRT_TYPE: virtType,
        NOVALET_STATE_DIR: this.stateDir,
        NOVALET_IMAGE_DIRS: this.imageDir,
        NOVALET_LISTEN: '127.0.0.1:0',
        ...this.settings,
      },
    });
    this.#process = worker;
    await waitUntil('the worker to consume', async () => {
      const log = await this.log();
      if (worker.over()) throw new Error(`the worker ended at once:\n${log}`);
      return log.includes('"worker consumes"');
    });
  }

  /** As the kernel does it when memory runs out: no goodbye. */
  async kill(): Promise<void> {
    await this.#process?.signal('SIGKILL');
    await this.#process?.exited();
    this.#process = undefined;
  }

  /** In good order. */
  async stop(): Promise<void> {
    await this.#process?.signal('SIGTERM');
    await this.#process?.exited();
    this.#process = undefined;
  }

  async log(): Promise<string> {
    return this.#process ? readFile(this.#process.logFile, 'utf8').catch(() => '') : '';
  }
}
