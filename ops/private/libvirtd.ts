import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { PLAIN_ENVIRONMENT, Supervisor, type Supervised } from './supervisor.js';
import { waitUntil } from './wait-until.js';

const run = promisify(execFile);

export interface LibvirtdOptions {
  /** Runs it beside other daemons and ends with them; without it the daemon has a supervisor of its own. */
  readonly supervisor?: Supervisor;
  /** Tells daemons of one supervisor apart; one or two letters, for the sake of socket paths. */
  readonly name?: string;
  /** More lines for qemu.conf and libvirtd.conf. */
  readonly qemuConf?: string;
  readonly libvirtdConf?: string;
}

/** Starts an unprivileged libvirtd with sockets, configuration and guests of its own; resolves when it really opens connections. */
export async function startLibvirtd(options: LibvirtdOptions = {}): Promise<Libvirtd> {
  const supervisor = options.supervisor ?? (await Supervisor.start());
  const daemon = new Libvirtd(supervisor, options.name ?? 'v', options.supervisor === undefined);
  try {
    await daemon.prepare(options);
    await daemon.start();
    return daemon;
  } catch (error) {
    await daemon.stop();
    throw error;
  }
}

/** A private session libvirtd. Its guests live through a crash and a restart of the daemon, and end with `stop`. */
export class Libvirtd implements AsyncDisposable {
  /** Everything of the daemon is below it. */
  readonly directory: string;
  readonly socket: string;
  /** The QEMU driver, real guests. */
  readonly qemuUri: string;
  /**
   * libvirt's own test driver. The daemon forgets what was made on it when its last connection closes: keep one open where guests
   * have to outlive the worker's connections.
   */
  readonly testUri: string;
  #daemon: Supervised | undefined;

  constructor(
    readonly supervisor: Supervisor,
    private readonly name: string,
    private readonly ownsSupervisor: boolean,
  ) {
    this.directory = supervisor.path(name);
    this.socket = `${this.directory}/r/libvirt/libvirt-sock`;
    this.qemuUri = `qemu+unix:///session?socket=${this.socket}`;
    this.testUri = `test+unix:///default?socket=${this.socket}`;
  }

  get pid(): number {
    if (!this.#daemon) throw new Error('libvirtd is not running');
    return this.#daemon.pid;
  }

  /** What libvirtd logged: warnings and errors. */
  log(): Promise<string> {
    return readFile(this.supervisor.path(`${this.name}.log`), 'utf8').catch(() => '');
  }

  async prepare({ qemuConf = '', libvirtdConf = '' }: LibvirtdOptions): Promise<void> {
    // Without a SMBIOS the host's UUID would be another one after every restart.
    const daemonConf = `host_uuid = "${randomUUID()}"\nlog_outputs = "3:stderr"\n${libvirtdConf}\n`;
    // A log handler "logd" would start a virtlogd that stays for two minutes.
    const driverConf = `stdio_handler = "file"\nsecurity_driver = "none"\n${qemuConf}\n`;
    await this.supervisor.write(`${this.directory}/c/libvirt/libvirtd.conf`, daemonConf);
    await this.supervisor.write(`${this.directory}/c/libvirt/qemu.conf`, driverConf);
    for (const sub of ['h', 'r', 'k']) await this.supervisor.run('mkdir', ['-p', '-m', '700', `${this.directory}/${sub}`]);
  }

  /** Starts the daemon after a crash; a restart where it still runs is `restart`. */
  async start(): Promise<void> {
    const daemon = await this.supervisor.spawn(this.name, {
      command: '/usr/sbin/libvirtd',
      args: [],
      env: {
        ...PLAIN_ENVIRONMENT,
        HOME: `${this.directory}/h`,
        XDG_RUNTIME_DIR: `${this.directory}/r`,
        XDG_CACHE_HOME: `${this.directory}/k`,
        XDG_CONFIG_HOME: `${this.directory}/c`,
      },
    });
    this.#daemon = daemon;
    // The socket is there before the drivers are, so only a connection that opens counts.
    await waitUntil('a connection to the private libvirtd', async () => {
      if (daemon.over()) return true;
      await this.virsh(['uri']);
      return true;
    });
    if (daemon.over()) throw new Error(`the private libvirtd ended at once:\n${await this.log()}`);
  }

  /** Kills the daemon alone, as a crash would; its guests run on. */
  async crash(): Promise<void> {
    await this.#daemon?.signal('SIGCONT'); // a frozen process dies as well, but says so only when it runs
    await this.#daemon?.signal('SIGKILL');
    await this.#daemon?.exited();
    this.#daemon = undefined;
  }

  /** Ends the daemon in good order and starts it again; its guests run on. */
  async restart(): Promise<void> {
    await this.#daemon?.signal('SIGTERM');
    await this.#daemon?.exited();
    await this.start();
  }

  /** The daemon stands still: calls hang, connections stay. */
  async freeze(): Promise<void> {
    await this.#daemon?.signal('SIGSTOP');
  }

  async thaw(): Promise<void> {
    await this.#daemon?.signal('SIGCONT');
  }

  /** Kills daemon and guests, and leaves no file. With a shared supervisor: its end does that, this one ends the daemon only. */
  async stop(): Promise<void> {
    if (this.ownsSupervisor) await this.supervisor.end();
    else await this.crash();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** Runs virsh on it and gives its stdout. */
  async virsh(args: readonly string[], uri: string = this.qemuUri): Promise<string> {
    const env = { ...PLAIN_ENVIRONMENT, HOME: '/nonexistent' }; // virsh needs no history
    const { stdout } = await run('virsh', ['-c', uri, ...args], { env, timeout: 30_000 });
    return stdout;
  }
}
