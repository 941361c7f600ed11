import { join } from 'node:path';
import { CommandLine } from './command-line.js';
import { copyForUser } from '../private/copy-for-user.js';
import { freePorts } from '../private/free-ports.js';
import { startLibvirtd, type Libvirtd } from '../private/libvirtd.js';
import { startRabbitmq, type Rabbitmq } from '../private/rabbitmq.js';
import { stageProgram } from '../private/stage-program.js';
import { PLAIN_ENVIRONMENT, type Supervised, type Supervisor } from '../private/supervisor.js';
import { makeVhost, type Vhost } from '../private/vhost.js';
import { waitUntil } from '../private/wait-until.js';
import type { Guest } from '../guest/build-guest.js';
import type { Accelerator } from './accelerator.js';

export const HOST = 'demo-host';

/** A broker and a hypervisor of our own. */
export interface PrivateHost {
  readonly supervisor: Supervisor;
  readonly libvirtd: Libvirtd;
  readonly rabbitmq: Rabbitmq;
  readonly vhost: Vhost;
  readonly stateDirectory: string;
}

/** The worker on it. */
export interface RunningWorker {
  readonly process: Supervised;
  /** http://127.0.0.1:port, of /metrics, /healthz and /readyz. */
  readonly monitoring: string;
  /** What a person types on the host. */
  readonly novalet: CommandLine;
}

/** Starts RabbitMQ and libvirtd side by side, with the guest's files where the worker may take them from. */
export async function startPrivateHost(guest: Guest, supervisor: Supervisor): Promise<PrivateHost> {
  const [rabbitmq, libvirtd] = await Promise.all([
    startRabbitmq({ supervisor }),
    startLibvirtd({ supervisor }),
    copyGuest(guest, supervisor),
  ]);
  const vhost = await makeVhost(rabbitmq.address, 'demo');
  return { supervisor, libvirtd, rabbitmq, vhost, stateDirectory: supervisor.path('state') };
}

async function copyGuest({ directory, kernel, initrd }: Guest, supervisor: Supervisor): Promise<void> {
  const images = supervisor.path('images');
  await supervisor.run('mkdir', ['-p', images]);
  await copyForUser(supervisor.user, directory, [kernel, initrd], images);
}

/** Starts a virsh that says what libvirt tells of its guests, as it happens. */
export async function startEventLog({ supervisor, libvirtd }: PrivateHost): Promise<Supervised> {
  const args = ['-c', libvirtd.qemuUri, 'event', '--event', 'lifecycle', '--loop'];
  return supervisor.spawn('libvirt-events', { command: 'virsh', args, env: { ...PLAIN_ENVIRONMENT, HOME: supervisor.directory } });
}

/** Starts `novalet compute` as the ordinary user; resolves when it says that it is ready. */
export async function startWorker(host: PrivateHost, { virtType }: Accelerator, root: string): Promise<RunningWorker> {
  const { supervisor, libvirtd, vhost, stateDirectory } = host;
  const [port] = await freePorts(1);
  const program = await stageProgram(supervisor, root);
  const cli = join(program, 'dist/services/compute/cli.js');
  const socket = supervisor.path('grpc.sock');
  const process = await supervisor.spawn('worker', {
    command: supervisor.node,
    args: [cli, 'compute'],
    env: {
      ...PLAIN_ENVIRONMENT,
      HOME: supervisor.directory,
      NOVALET_AMQP_URL: vhost.url,
      NOVALET_LIBVIRT_URI: libvirtd.qemuUri,
      NOVALET_HOST: HOST,
      NOVALET_STATE_DIR: stateDirectory,
      NOVALET_IMAGE_DIRS: supervisor.path('images'),
      NOVALET_VIRT_TYPE: virtType,
      NOVALET_LISTEN: `127.0.0.1:${port}`,
      NOVALET_GRPC_LISTEN: `unix:${socket}`,
      NOVALET_LOG_LEVEL: 'debug',
    },
  });
  const monitoring = `http://127.0.0.1:${port}`;
  await waitUntil('the worker being ready', async () => {
    if (process.over()) return true;
    const answer = await fetch(`${monitoring}/readyz`);
    const words = await answer.text();
    if (!answer.ok) throw new Error(`/readyz says ${answer.status}: ${words}`);
    return true;
  });
  if (process.over()) throw new Error('the worker ended at once');
  return { process, monitoring, novalet: new CommandLine(cli, socket) };
}
