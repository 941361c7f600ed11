import { randomUUID } from 'node:crypto';
import type { SpawnBody } from '../../services/common/messages/commands.js';
import type { Libvirtd } from '../../ops/private/libvirtd.js';
import type { Supervisor } from '../../ops/private/supervisor.js';
import { BenchWorker } from './bench-worker.js';
import { Observer } from './observer.js';
import { likeTemplate, Rival, type RivalGuest, type Template } from './rival.js';
import { Sender } from './sender.js';

export interface GroundOptions {
  readonly supervisor: Supervisor;
  readonly libvirtd: Libvirtd;
  readonly amqpUrl: string;
  readonly driver: 'qemu' | 'test';
}

/** SeaBIOS alone needs no more, and the start of a guest costs its host no less for it. */
const MEMORY_MIB = 16;
const IMAGE = 'bench.qcow2';

/** One hypervisor with both sides on it, the worker and the rival, and somebody who watches. */
export class Ground {
  readonly #rivalRoot: string;
  readonly #imageDir: string;

  private constructor(
    readonly worker: BenchWorker,
    readonly sender: Sender,
    readonly observer: Observer,
    readonly rival: Rival,
    private readonly options: GroundOptions,
  ) {
    this.#rivalRoot = options.supervisor.path(`rival-${options.driver}`);
    this.#imageDir = imageDirOf(options.supervisor);
  }

  static async open(options: GroundOptions): Promise<Ground> {
    const { supervisor, libvirtd, amqpUrl, driver } = options;
    const host = `bench-${driver}`;
    const imageDir = imageDirOf(supervisor);
    const snapshotDir = snapshotDirOf(supervisor);
    await supervisor.run('mkdir', ['-p', imageDir, snapshotDir, supervisor.path(`rival-${driver}`)]);
    await supervisor.run('qemu-img', ['create', '-q', '-f', 'qcow2', `${imageDir}/${IMAGE}`, '1M']);
    const libvirtUri = driver === 'qemu' ? libvirtd.qemuUri : libvirtd.testUri;
    const observer = await Observer.start(libvirtUri);
    const rival = await Rival.start(libvirtUri);
    const sender = await Sender.open(amqpUrl, host);
    const worker = new BenchWorker({
      supervisor,
      amqpUrl,
      libvirtUri,
      virtType: driver,
      imageDir,
      host,
      settings: { NOVALET_SNAPSHOT_DIR: snapshotDir },
    });
    return new Ground(worker, sender, observer, rival, options);
  }

  /** A new wish, the same every time but for the id. */
  wish(withDisk: boolean): SpawnBody {
    return {
      instance: {
        id: randomUUID(),
        name: 'bench',
        vcpus: 1,
        memoryMiB: MEMORY_MIB,
        ...(withDisk && { disks: [{ image: `${this.#imageDir}/${IMAGE}` }] }),
      },
    };
  }

  /** What the worker defines for such a wish; also the first spawn of all, which no side should be charged with. */
  async template(withDisk: boolean): Promise<Template> {
    const wish = this.wish(withDisk);
    const uuid = wish.instance.id;
    await this.sender.spawn(wish).done;
    const xml = await this.rival.definitionOf(uuid);
    await this.sender.destroy([uuid]);
    return { uuid, directory: this.worker.directoryOf(uuid), xml };
  }

  rivalGuest(template: Template, withDisk: boolean): RivalGuest {
    return likeTemplate(template, this.#rivalRoot, withDisk ? `${this.#imageDir}/${IMAGE}` : null);
  }

  /** What a snapshot made; a destroy leaves it. */
  async removeSnapshot(name: string): Promise<void> {
    const { supervisor } = this.options;
    await supervisor.run('rm', ['-f', `${snapshotDirOf(supervisor)}/${name}`]);
  }

  async close(): Promise<void> {
    await this.worker.stop();
    await Promise.all([this.sender.close(), this.observer.stop(), this.rival.stop()]);
    await this.options.supervisor.run('rm', ['-rf', this.#rivalRoot, this.worker.stateDir]);
  }
}

const snapshotDirOf = (supervisor: Supervisor): string => supervisor.path('snapshots');
const imageDirOf = (supervisor: Supervisor): string => supervisor.path('images');
