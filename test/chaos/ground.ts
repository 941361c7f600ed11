import { execFile, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startLibvirtd, type Libvirtd } from '../../ops/private/libvirtd.js';
import { startRabbitmq, type Rabbitmq } from '../../ops/private/rabbitmq.js';
import { Supervisor } from '../../ops/private/supervisor.js';
import { makeVhost } from '../../ops/private/vhost.js';
import { ChaosWorker } from './chaos-worker.js';
import { Mailbox } from './mailbox.js';
import { Images } from './images.js';
import { Domains } from './domains.js';
import { HostApi } from './host-api.js';
import type { DoorChoice, DriverKind } from './plan.js';
import { TcpProxy } from './tcp-proxy.js';
import { Timeline } from './timeline.js';

const run = promisify(execFile);
/** Room for some hundred small guests; full in no time. */
const STATE_BYTES = 64 * 1024 * 1024;
const HEARTBEAT_SECONDS = 4;

export interface GroundOptions {
  readonly driver: DriverKind;
  readonly doors: DoorChoice;
  /** This process has a mount namespace of its own, so that a disk of ours goes with it, however it ends. */
  readonly ownMounts: boolean;
}

/** What many seeds are played on, one after another: broker, libvirtd, worker, and a line between worker and broker. */
export class Ground {
  readonly timeline = new Timeline();
  private constructor(
    readonly driver: DriverKind,
    readonly doors: DoorChoice,
    readonly supervisor: Supervisor,
    readonly broker: Rabbitmq,
    readonly libvirtd: Libvirtd,
    readonly line: TcpProxy,
    readonly mailbox: Mailbox,
    readonly domains: Domains,
    readonly stateDir: string,
    readonly host: string,
    readonly smallDisk: boolean,
    readonly images: Images,
    amqpUrl: string,
  ) {
    this.worker = new ChaosWorker({
      supervisor,
      amqpUrl,
      oslo: doors === 'all',
      host,
      libvirtUri: domains.uri,
      virtType: driver,
      stateDir,
      snapshotDir: this.snapshotDir,
      imageHost: images.host,
      tell: (what) => this.timeline.add(what),
      now: () => this.timeline.now,
    });
    this.api = new HostApi(join(stateDir, 'grpc.sock'));
  }
  readonly worker: ChaosWorker;
  readonly api: HostApi;
  /** Correlation ids of all seeds so far: an answer whose confirmation a broker takes with it when it dies comes again in the next seed. */
  readonly asked = new Set<string>();

  get snapshotDir(): string {
    return join(this.stateDir, 'snapshots');
  }

  static async open({ driver, doors, ownMounts }: GroundOptions): Promise<Ground> {
    const supervisor = await Supervisor.start();
    try {
      const [broker, libvirtd] = await Promise.all([startRabbitmq({ supervisor }), startLibvirtd({ supervisor })]);
      const { url } = await makeVhost(broker.address);
      const line = await TcpProxy.start(broker.address.amqpPort);
      const workerUrl = new URL(url);
      workerUrl.port = String(line.port);
      workerUrl.searchParams.set('heartbeat', String(HEARTBEAT_SECONDS));
      const stateDir = supervisor.path('state');
      await supervisor.run('mkdir', ['-m', '711', stateDir, supervisor.path('images')]);
      const { uid, gid } = supervisor.user;
      const options = `size=${STATE_BYTES},mode=711,uid=${uid},gid=${gid}`;
      if (ownMounts) await run('mount', ['-t', 'tmpfs', '-o', options, 'novalet-chaos', stateDir]);
      // Whoever takes the run directory away after a crash of ours cannot remove what is mounted.
      if (ownMounts) process.once('exit', () => spawnSync('umount', ['-l', stateDir], { stdio: 'ignore' }));
      await supervisor.run('mkdir', ['-m', '755', join(stateDir, 'snapshots')]);
      const domains = await Domains.open(driver === 'test' ? libvirtd.testUri : libvirtd.qemuUri, driver);
      const host = `host-${randomUUID().slice(0, 8)}`;
      const mailbox = new Mailbox(url, host);
      const images = await Images.open();
      const parts = [driver, doors, supervisor, broker, libvirtd, line, mailbox, domains, stateDir, host, ownMounts, images] as const;
      const ground = new Ground(...parts, workerUrl.href);
      await ground.worker.start();
      return ground;
    } catch (error) {
      await supervisor.end();
      throw error;
    }
  }

  /** Everything below the instances' directory, as paths relative to it. */
  async files(): Promise<string[]> {
    return (await readdir(join(this.stateDir, 'instances'), { recursive: true }).catch(() => [])).sort();
  }

  /** Virtual size of an instance's first disk, by its header. */
  async firstDiskMiB(id: string): Promise<number | null> {
    const header = await readFile(join(this.stateDir, 'instances', id, 'disk-0.qcow2')).catch(() => null);
    return header && Number(header.readBigUInt64BE(24)) / (1024 * 1024);
  }

  snapshots(): Promise<string[]> {
    return readdir(this.snapshotDir);
  }

  /** They belong to nobody: whoever wanted them takes them away. */
  async removeSnapshots(): Promise<void> {
    for (const name of await this.snapshots()) await rm(join(this.snapshotDir, name));
  }

  /** Processes of ours by what stands on their command line: QEMUs by their guests, and qemu-img. */
  async processes(): Promise<{ pid: number; guest: string }[]> {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const found = await Promise.all(
      pids.map(async (pid) => {
        const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
        if (!line.includes('qemu') || !line.includes(this.supervisor.directory)) return [];
        const [, guest] = /guest=novalet-([0-9a-f-]{36})/.exec(line) ?? [];
        return [{ pid: Number(pid), guest: guest ?? line.replaceAll('\0', ' ').slice(0, 100) }];
      }),
    );
    // A libvirtd that is killed while it asks a QEMU what it can do leaves that one.
    return found.flat().filter(({ guest }) => !guest.includes('guest=foreign') && !guest.includes('-machine none'));
  }

  async close(): Promise<void> {
    this.api.close();
    await this.worker.stop();
    await this.mailbox.close();
    await this.line.close();
    await this.domains.close();
    await this.images.close();
    if (this.smallDisk) await run('umount', ['-l', this.stateDir]);
    await this.supervisor.end();
  }
}
