import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { freePorts } from './free-ports.js';
import { PLAIN_ENVIRONMENT, Supervisor, type Supervised } from './supervisor.js';
import { makeTlsMaterial, type TlsMaterial } from './tls-material.js';
import { waitUntil } from './wait-until.js';

export interface RabbitmqOptions {
  /** Runs it beside other daemons and ends with them; without it the node has a supervisor of its own. */
  readonly supervisor?: Supervisor;
  /** Also listens with TLS and asks for a client certificate of the own CA. */
  readonly tls?: boolean;
}

/** What a client, maybe in another process, needs to know of a node. */
export interface RabbitmqAddress {
  readonly amqpPort: number;
  readonly managementPort: number;
  readonly user: string;
  readonly password: string;
  /** Only with TLS. */
  readonly amqpsPort?: number;
  readonly tls?: TlsMaterial;
}

interface Ports {
  readonly amqp: number;
  readonly amqps: number;
  readonly management: number;
  readonly distribution: number;
  readonly epmd: number;
}

/** The wrapper in /usr/sbin insists on being root or rabbitmq. */
const SERVER = '/usr/lib/rabbitmq/bin/rabbitmq-server';
const USER = 'novalet';
const ATTEMPTS = 3;

/** Starts a RabbitMQ node of its own: own ports, own epmd, loopback only. Takes some four seconds. */
export async function startRabbitmq(options: RabbitmqOptions = {}): Promise<Rabbitmq> {
  const supervisor = options.supervisor ?? (await Supervisor.start());
  const node = new Rabbitmq(supervisor, options.supervisor === undefined);
  try {
    const tls = options.tls ? await makeTlsMaterial(supervisor) : undefined;
    for (let attempt = 1; ; attempt++) {
      await node.configure(tls);
      try {
        await node.start();
        return node;
      } catch (error) {
        // Another run took a port between our look and the node's start.
        if (attempt === ATTEMPTS || !/eaddrinuse|address already in use|port_in_use/i.test(await node.log())) throw error;
      }
    }
  } catch (error) {
    await node.stop();
    throw error;
  }
}

/** A private RabbitMQ node. Queues and messages live through `kill` and `restart`, and end with `stop`. */
export class Rabbitmq implements AsyncDisposable {
  readonly #password = randomBytes(12).toString('hex');
  #ports: Ports | undefined;
  #tls: TlsMaterial | undefined;
  #node: Supervised | undefined;

  constructor(
    readonly supervisor: Supervisor,
    private readonly ownsSupervisor: boolean,
  ) {}

  get address(): RabbitmqAddress {
    const ports = this.#portsOrThrow();
    const plain = { amqpPort: ports.amqp, managementPort: ports.management, user: USER, password: this.#password };
    return this.#tls ? { ...plain, amqpsPort: ports.amqps, tls: this.#tls } : plain;
  }

  /** What the node wrote to its console. */
  log(): Promise<string> {
    return readFile(this.supervisor.path('rabbitmq.log'), 'utf8').catch(() => '');
  }

  async configure(tls: TlsMaterial | undefined): Promise<void> {
    const [amqp = 0, amqps = 0, management = 0, distribution = 0, epmd = 0] = await freePorts(5);
    this.#ports = { amqp, amqps, management, distribution, epmd };
    this.#tls = tls;
    const at = (path: string): string => this.supervisor.path('rabbitmq', path);
    await this.supervisor.run('rm', ['-rf', this.supervisor.path('rabbitmq'), this.supervisor.path('rabbitmq.log')]);
    const conf = nodeConfiguration(this.#ports, this.#password, tls);
    await this.supervisor.write(at('rabbitmq.conf'), conf);
    await this.supervisor.write(at('enabled_plugins'), '[rabbitmq_management].\n');
    await this.supervisor.write(at('.erlang.cookie'), randomBytes(20).toString('hex'), 0o400);
  }

  async start(): Promise<void> {
    const node = await this.supervisor.spawn('rabbitmq', { command: SERVER, args: [], env: this.#environment() });
    this.#node = node;
    const { amqp } = this.#portsOrThrow();
    const ready = async (): Promise<boolean> => node.over() || ((await speaksAmqp(amqp)) && (await this.#managementAnswers()));
    await waitUntil('the private RabbitMQ', ready, { timeoutMs: 120_000, everyMs: 100 });
    if (node.over()) throw new Error(`the private RabbitMQ ended at once:\n${(await this.log()).slice(-4000)}`);
  }

  /** Kills the node as a power cut would. `start` brings it back with what it held. */
  async kill(): Promise<void> {
    await this.#signalErlang('SIGKILL');
    await this.#node?.exited();
    this.#node = undefined;
  }

  /** Ends the node in good order and starts it again on the same ports. */
  async restart(): Promise<void> {
    await this.#signalErlang('SIGTERM');
    await this.#node?.exited();
    await this.start();
  }

  /** The node stands still: connections stay and nothing is answered. */
  freeze(): Promise<void> {
    return this.#signalErlang('SIGSTOP');
  }

  thaw(): Promise<void> {
    return this.#signalErlang('SIGCONT');
  }

  /** Kills the node and leaves no file. With a shared supervisor: its end removes the files. */
  async stop(): Promise<void> {
    if (this.ownsSupervisor) await this.supervisor.end();
    else if (this.#node) await this.kill();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** Runs rabbitmqctl (0.9 s a call) and gives its stdout. */
  rabbitmqctl(...args: string[]): Promise<string> {
    return this.supervisor.run('/usr/lib/rabbitmq/bin/rabbitmqctl', args, this.#environment());
  }

  async #managementAnswers(): Promise<boolean> {
    const { managementPort, user, password } = this.address;
    const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    const answer = await fetch(`http://127.0.0.1:${managementPort}/api/whoami`, { headers: { authorization } });
    await answer.body?.cancel();
    return answer.ok;
  }

  /** The supervised program is a shell script; the node is the Erlang machine below it. */
  async #signalErlang(signal: NodeJS.Signals): Promise<void> {
    if (!this.#node) throw new Error('the private RabbitMQ is not running');
    process.kill(Number(await readFile(this.supervisor.path('rabbitmq', 'pid'), 'utf8')), signal);
  }

  #environment(): Record<string, string> {
    const { distribution, epmd } = this.#portsOrThrow();
    const at = (path: string): string => this.supervisor.path('rabbitmq', path);
    return {
      ...PLAIN_ENVIRONMENT,
      HOME: at(''),
      RABBITMQ_NODENAME: `novalet-${epmd}@localhost`,
      RABBITMQ_MNESIA_BASE: at('mnesia'),
      RABBITMQ_LOG_BASE: at('log'),
      RABBITMQ_CONFIG_FILE: at('rabbitmq.conf'),
      RABBITMQ_ENABLED_PLUGINS_FILE: at('enabled_plugins'),
      RABBITMQ_PID_FILE: at('pid'),
      RABBITMQ_CONF_ENV_FILE: '/dev/null',
      RABBITMQ_DIST_PORT: String(distribution),
      ERL_EPMD_PORT: String(epmd),
      ERL_EPMD_ADDRESS: '127.0.0.1',
      // One scheduler that does not spin: the node shares a small machine with guests.
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1} +S 1:1 +sbwt none',
      RABBITMQ_CTL_ERL_ARGS: '+S 1:1',
    };
  }

  #portsOrThrow(): Ports {
    if (!this.#ports) throw new Error('the private RabbitMQ has no ports yet');
    return this.#ports;
  }
}

/** Twice what a worker takes, so that what is only a little too large is answered. A few of RabbitMQ's own 128 MiB fill a small node for good. */
const MAX_MESSAGE_BYTES = 2 * 1024 * 1024;

function nodeConfiguration(ports: Ports, password: string, tls: TlsMaterial | undefined): string {
  const plain = `listeners.tcp.1 = 127.0.0.1:${ports.amqp}
default_user = ${USER}
default_pass = ${password}
management.tcp.ip = 127.0.0.1
management.tcp.port = ${ports.management}
log.console = true
log.console.level = warning
log.file = false
max_message_size = ${MAX_MESSAGE_BYTES}
vm_memory_high_watermark.absolute = 512MB
disk_free_limit.absolute = 50MB
`;
  if (!tls) return plain;
  return `${plain}listeners.ssl.1 = 127.0.0.1:${ports.amqps}
ssl_options.cacertfile = ${tls.ca}
ssl_options.certfile = ${tls.serverCert}
ssl_options.keyfile = ${tls.serverKey}
ssl_options.verify = verify_peer
ssl_options.fail_if_no_peer_cert = true
`;
}

/** True when the port answers the protocol header with connection.start: a method frame. */
function speaksAmqp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('AMQP\x00\x00\x09\x01'));
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(2000, () => settle(false));
    socket.once('error', () => settle(false));
    socket.once('close', () => resolve(false));
    socket.once('data', (first) => settle(first[0] === 1));
  });
}
