import { hostname } from 'node:os';
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { bounded } from './bounded.js';
import { parseCpuList } from './claims/cpu-list.js';
import { GrpcListen, WANTED_GRPC_ADDRESS } from './grpc/listen-address.js';
import { POWER_POLICIES } from './instances/power-policy.js';
import { LOG_LEVELS } from './log.js';
import { NOTIFICATION_FORMATS } from './oslo/notifications.js';
import { TOPOLOGY_OPTIONS } from './oslo/topology.js';

/** What a setting says of itself, for error messages and the manual. */
export interface SettingMeta {
  /** What it is for. */
  readonly means: string;
  /** What a good value looks like; follows the word "wanted". */
  readonly wanted: string;
  /** The default in words, where the value itself would say less or differ by machine. */
  readonly shownDefault?: string;
  /** Never shown, not even when it is wrong. */
  readonly secret?: boolean;
}

const setting = <T extends z.ZodType>(schema: T, meta: SettingMeta): T => schema.meta({ ...meta });

/** In the environment by its digits alone: 1e3 and 0x10 are no way to write a setting. */
const wholeNumber = (min: number, max: number) =>
  z.preprocess((value) => (typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value), z.int().min(min).max(max));
const absolutePath = () => z.string().refine(isAbsolute);
/** In the environment as PATH is written, in a file as a list, too. */
const directories = z.preprocess(
  (value) => (typeof value === 'string' ? value.split(':').filter((path) => path !== '') : value),
  z.array(absolutePath()).min(1),
);

const ratio = (max: number) =>
  z.preprocess((value) => (typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value), z.number().gt(0).max(max));
const cpuList = z.preprocess(
  (value) => (typeof value === 'string' ? (parseCpuList(value) ?? value) : value),
  z.array(z.int().min(0)).min(1),
);
/** As they stand in a URL: without a scheme, and with the port where it is not the scheme's own. */
const hosts = z.preprocess(
  (value) => (typeof value === 'string' ? value.split(',').filter((host) => host !== '') : value),
  z.array(z.string().regex(/^(?:[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/)),
);

/** What amqplib takes from the query of a URL. Whatever else stands there would have no effect, and might be a secret. */
const AMQP_URL_OPTIONS: Readonly<Record<string, RegExp>> = {
  heartbeat: /^\d{1,5}$/,
  frameMax: /^\d{1,10}$/,
  channelMax: /^\d{1,5}$/,
  locale: /^[A-Za-z_]{1,20}$/,
};

/** Refuses with words that hold no value: any of them may be a part of the password. */
const amqpUrl = z.string().superRefine((text, context) => {
  const refuse = (message?: string): void => context.addIssue({ code: 'custom', ...(message !== undefined && { message }) });
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !['amqp:', 'amqps:'].includes(url.protocol) || url.hostname === '') return refuse();
  if (url.hash !== '' || `${url.pathname}${url.search}`.includes('@'))
    return refuse('with a # or @ behind its host, and those and / and ? in a name or password are written %23 %40 %2F %3F');
  for (const [name, value] of url.searchParams) {
    const known = Object.hasOwn(AMQP_URL_OPTIONS, name) ? AMQP_URL_OPTIONS[name] : undefined;
    if (!known)
      refuse(
        `with the option ${bounded(JSON.stringify(name), 40)}, which does not exist; there are ${Object.keys(AMQP_URL_OPTIONS).join(', ')}`,
      );
    else if (!known.test(value)) refuse(`whose option ${name} has a value that it cannot have`);
  }
});

const listenAddress = z.string().transform((text, context) => {
  const [, ipv6, name, port] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:\s]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = ipv6 ?? name;
  if (host !== undefined && Number(port) <= 65535) return { host, port: Number(port) };
  context.addIssue({ code: 'custom' });
  return z.NEVER;
});

/** In the environment as a list with commas between, in a file as a list, too. */
const words = <const T extends readonly string[]>(all: T) =>
  z.preprocess((value) => (typeof value === 'string' ? value.split(',').filter((word) => word !== '') : value), z.array(z.enum(all)));

/** Pairs of a network and its bridge; in a file an object, too. */
const bridges = z.preprocess(
  (value) => (typeof value === 'string' ? (Object.fromEntries(value.split(',').map((pair) => pair.split('=', 2))) as object) : value),
  z.record(z.string().regex(/^(\*|[A-Za-z0-9-]{1,64})$/), z.string().regex(/^[A-Za-z0-9_.-]{1,15}$/)),
);
const osloName = () => z.string().regex(/^[A-Za-z0-9._-]{1,100}$/);

/** A machine's own name, where it can be a host name of ours. */
const ownName = (): string => hostname();

/** Every setting of the worker, by its name in the environment and in a file: validation, defaults and manual at once. */
export const SETTINGS = {
  NOVALET_AMQP_URL: setting(amqpUrl.optional(), {
    means: 'The RabbitMQ to take commands from: amqp:, or amqps: for TLS, with user, password, host, port and virtual host.',
    wanted: 'a URL such as amqps://user:password@broker.example:5671/vhost?heartbeat=20',
    shownDefault: 'none: commands come by gRPC alone',
    secret: true,
  }),
  NOVALET_AMQP_CA: setting(absolutePath().optional(), {
    means: 'File with the certificates (PEM) of the authority that signed the broker’s. Only with amqps:.',
    wanted: 'an absolute path of a readable PEM file',
    shownDefault: 'Node’s list of authorities',
  }),
  NOVALET_AMQP_CERT: setting(absolutePath().optional(), {
    means: 'File with this worker’s client certificate (PEM). Only with amqps:, and with NOVALET_AMQP_KEY.',
    wanted: 'an absolute path of a readable PEM file',
    shownDefault: 'none',
  }),
  NOVALET_AMQP_KEY: setting(absolutePath().optional(), {
    means: 'File with the private key (PEM) of NOVALET_AMQP_CERT.',
    wanted: 'an absolute path of a readable PEM file',
    shownDefault: 'none',
  }),
  NOVALET_HOST: setting(
    z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,100}$/)
      .prefault(ownName),
    {
      means: 'Name of this host, as those know it who send commands; part of its queue names. No two workers share one.',
      wanted: '1 to 100 of the characters A-Z a-z 0-9 . _ - (it becomes part of queue names and routing keys)',
      shownDefault: 'the machine’s host name',
    },
  ),
  NOVALET_LIBVIRT_URI: setting(
    z
      .string()
      .regex(/^[a-z+]+:\/\/\S*$/)
      .default('qemu:///system'),
    { means: 'The hypervisor to drive, as libvirt names it.', wanted: 'a libvirt URI such as qemu:///system' },
  ),
  NOVALET_STATE_DIR: setting(absolutePath().default('/var/lib/novalet'), {
    means:
      'Directory of the instances’ disks, consoles and journals, and of the worker’s database. The hypervisor must be able to reach it.',
    wanted: 'an absolute path of a directory that the worker can write',
  }),
  NOVALET_IMAGE_DIRS: setting(directories.default(['/var/lib/novalet/images']), {
    means: 'Directories that images, kernels and initial RAM disks may come from; nothing outside them is ever used.',
    wanted: 'absolute paths with colons between them',
    shownDefault: '/var/lib/novalet/images',
  }),
  NOVALET_IMAGE_HOSTS: setting(hosts.default([]), {
    means:
      'Hosts that images may be fetched from, by http: or https:; each with its port, where that is not 80 or 443. No others are ever asked, not even by a redirect.',
    wanted: 'host names with commas between them, such as images.example,mirror.example:8443',
    shownDefault: 'none: nothing is fetched',
  }),
  NOVALET_IMAGE_CA: setting(absolutePath().optional(), {
    means: 'File with the certificates (PEM) of the authorities that signed those of the image hosts.',
    wanted: 'an absolute path of a readable PEM file',
    shownDefault: 'Node’s list of authorities',
  }),
  NOVALET_IMAGE_CACHE_BYTES: setting(wholeNumber(1024 ** 2, Number.MAX_SAFE_INTEGER).default(100 * 1024 ** 3), {
    means:
      'Bound of all fetched and converted images together. What was not used for longest goes first, and never what an instance stands on.',
    wanted: 'a whole number of bytes, at least 1048576',
  }),
  NOVALET_IMAGE_MAX_BYTES: setting(wholeNumber(1, Number.MAX_SAFE_INTEGER).default(50 * 1024 ** 3), {
    means: 'Largest image that is fetched.',
    wanted: 'a whole number of bytes',
  }),
  NOVALET_IMAGE_MAX_DISK_BYTES: setting(wholeNumber(1, Number.MAX_SAFE_INTEGER).default(8 * 1024 ** 4), {
    means: 'Largest disk that an image, fetched or of this host, may be of: its virtual size.',
    wanted: 'a whole number of bytes',
  }),
  NOVALET_SNAPSHOT_DIR: setting(absolutePath().optional(), {
    means:
      'Directory that instance.snapshot writes image files to. One of NOVALET_IMAGE_DIRS lets other instances be made from them. QEMU writes there for guests that run.',
    wanted: 'an absolute path of a directory that the worker can write',
    shownDefault: 'none: no snapshots',
  }),
  NOVALET_VIRT_TYPE: setting(z.enum(['kvm', 'qemu', 'test']).default('kvm'), {
    means: 'Kind of guest: kvm, qemu (no hardware virtualisation), or test (libvirt’s test driver).',
    wanted: 'kvm, qemu or test',
  }),
  NOVALET_VNC_LISTEN: setting(z.union([z.ipv4(), z.ipv6()]).default('127.0.0.1'), {
    means:
      'Address at which the screens of guests that ask for VNC listen. They have no password: an address that others reach needs a network that keeps them out.',
    wanted: 'an IP address such as 127.0.0.1 or ::1',
  }),
  NOVALET_LISTEN: setting(listenAddress.prefault('127.0.0.1:9177'), {
    means: 'Where /metrics, /healthz and /readyz are served. Port 0: a free one, told in the log.',
    wanted: 'host:port such as 127.0.0.1:9177 or [::1]:9177',
    shownDefault: '127.0.0.1:9177',
  }),
  NOVALET_GRPC_LISTEN: setting(GrpcListen.optional(), {
    means:
      'Where the gRPC API is served: Unix sockets, which the worker’s user and group may use, and TCP, which needs NOVALET_GRPC_CERT and NOVALET_GRPC_KEY. off: nowhere.',
    wanted: WANTED_GRPC_ADDRESS,
    shownDefault: 'unix:grpc.sock in NOVALET_STATE_DIR',
  }),
  NOVALET_GRPC_CERT: setting(absolutePath().optional(), {
    means: 'File with the certificate (PEM) that the gRPC API shows on TCP. A new one serves from the next connection on.',
    wanted: 'an absolute path of a readable PEM file',
    shownDefault: 'none: no TCP',
  }),
  NOVALET_GRPC_KEY: setting(absolutePath().optional(), {
    means: 'File with the private key (PEM) of NOVALET_GRPC_CERT.',
    wanted: 'an absolute path of a readable PEM file',
    shownDefault: 'none',
  }),
  NOVALET_GRPC_CLIENT_CA: setting(absolutePath().optional(), {
    means: 'File with the certificates (PEM) of the authority that signs those of clients. With it nobody else gets through on TCP.',
    wanted: 'an absolute path of a readable PEM file',
    shownDefault: 'none: whoever reaches the port may command the host',
  }),
  // Starting a guest is mostly waiting: with four in hand, two cores start a sixth fewer a second than with eight; more gain nothing.
  NOVALET_CONCURRENCY: setting(wholeNumber(1, 256).default(8), {
    means: 'Commands in hand at once from the work queue, and four times as many from the control queue; also their prefetch counts.',
    wanted: 'a whole number from 1 to 256',
  }),
  NOVALET_DEADLINE_SECONDS: setting(wholeNumber(1, 1500).default(900), {
    means:
      'How long after its sending a command that names no deadline is given up. Never more than 25 minutes, as the broker takes messages back after 30.',
    wanted: 'a whole number of seconds from 1 to 1500',
  }),
  NOVALET_TOMBSTONE_DAYS: setting(wholeNumber(1, 3650).default(30), {
    means: 'How long it is remembered that an instance was destroyed, so that late copies of its spawn stay down.',
    wanted: 'a whole number of days from 1 to 3650',
  }),
  // nova's initial_cpu_allocation_ratio was 16 and is 4 today; guests wait more than they compute.
  NOVALET_VCPU_RATIO: setting(ratio(256).default(16), {
    means: 'Vcpus that guests may have for each CPU of the host that they share; those of pinned guests do not count.',
    wanted: 'a number above 0, at most 256, such as 4 or 1.5',
  }),
  NOVALET_MEMORY_RATIO: setting(ratio(16).default(1), {
    means: 'Memory that guests may have for each MiB of the host; above 1 the host needs swap.',
    wanted: 'a number above 0, at most 16, such as 1 or 1.2',
  }),
  NOVALET_MEMORY_RESERVE_MIB: setting(wholeNumber(0, 64 * 1024 * 1024).default(512), {
    means: 'Memory that no guest gets: the host’s own, in MiB.',
    wanted: 'a whole number of MiB from 0 to 67108864',
  }),
  // Disks are sparse and most stay so; above 1 somebody has to watch the file system.
  NOVALET_DISK_RATIO: setting(ratio(256).default(1), {
    means: 'What disks may grow to in all, for each MiB of the file system of NOVALET_STATE_DIR.',
    wanted: 'a number above 0, at most 256, such as 1 or 3',
  }),
  NOVALET_DISK_RESERVE_MIB: setting(wholeNumber(0, 2 ** 40).default(1024), {
    means: 'Room that no disk gets, in MiB. With less than that really free, spawns with disks are refused whatever is promised.',
    wanted: 'a whole number of MiB from 0',
  }),
  NOVALET_PINNED_CPUS: setting(cpuList.optional(), {
    means: 'CPUs of the host that guests may be pinned to, each of them by one guest. Guests without pins keep off them.',
    wanted: 'a list of CPU numbers such as 4-15,^8',
    shownDefault: 'all, and guests without pins run everywhere',
  }),
  NOVALET_SHARED_CPUS: setting(cpuList.optional(), {
    means: 'CPUs of the host that guests without pins run on.',
    wanted: 'a list of CPU numbers such as 0-3',
    shownDefault: 'all that are not in NOVALET_PINNED_CPUS',
  }),
  NOVALET_POWER_POLICY: setting(z.enum(POWER_POLICIES).default('leave'), {
    means:
      'What becomes of an instance that belongs up and is off. start: it is brought back, whoever switched it off. leave: it is left and reported, but brought back after a boot of the host. report: it is only reported. Nothing is ever switched off.',
    wanted: 'start, leave or report',
  }),
  NOVALET_BRING_BACK_AT_ONCE: setting(wholeNumber(1, 64).default(4), {
    means: 'Guests that are brought back at once, after a boot of the host above all.',
    wanted: 'a whole number from 1 to 64',
  }),
  NOVALET_OSLO_URL: setting(amqpUrl.optional(), {
    means:
      'Opens the door for OpenStack’s messages: the RabbitMQ that they come by, often another one than the worker’s own, or another virtual host of it.',
    wanted: 'a URL such as amqps://nova:password@broker.example:5671/nova',
    shownDefault: 'none: the door is closed',
    secret: true,
  }),
  NOVALET_OSLO_EXCHANGE: setting(osloName().default('nova'), {
    means: 'The cloud’s control_exchange.',
    wanted: '1 to 100 of the characters A-Z a-z 0-9 . _ -',
  }),
  NOVALET_OSLO_TOPIC: setting(osloName().default('compute'), {
    means: 'Topic that requests come by. The server’s name within it is NOVALET_HOST.',
    wanted: '1 to 100 of the characters A-Z a-z 0-9 . _ -',
  }),
  NOVALET_OSLO_NAMESPACE: setting(osloName().optional(), {
    means: 'Namespace of nova’s methods. The worker’s own commands have the namespace novalet.',
    wanted: '1 to 100 of the characters A-Z a-z 0-9 . _ -',
    shownDefault: 'none, as nova has it',
  }),
  NOVALET_OSLO_TOPOLOGY: setting(words(TOPOLOGY_OPTIONS).default([]), {
    means:
      'How the cloud’s queues are, by its options: durable (amqp_durable_queues), quorum (rabbit_quorum_queue), transient-quorum (rabbit_transient_quorum_queue), stream-fanout (rabbit_stream_fanout). passive: shared exchanges and queues are not declared, only looked for.',
    wanted: `some of ${TOPOLOGY_OPTIONS.join(', ')} with commas between them`,
    shownDefault: 'none of them',
  }),
  NOVALET_OSLO_BRIDGES: setting(bridges.default({}), {
    means:
      'Bridges of the host for the networks that builds ask for, by the network’s id; * stands for every other one. A network without one is refused.',
    wanted: 'pairs with commas between them, such as 22222222-2222-4222-8222-222222222222=br1,*=br0',
    shownDefault: 'none',
  }),
  NOVALET_OSLO_NOTIFICATIONS: setting(z.enum(NOTIFICATION_FORMATS).default('none'), {
    means: 'Format of the notifications of what came by this door. Their queues are declared and fill whether or not anybody listens.',
    wanted: NOTIFICATION_FORMATS.join(', '),
  }),
  NOVALET_LOG_LEVEL: setting(z.enum(LOG_LEVELS).default('info'), {
    means: 'Least severe log lines that are written.',
    wanted: 'debug, info, warn or error',
  }),
} as const satisfies Readonly<Record<`NOVALET_${string}`, z.ZodType>>;

export type SettingName = keyof typeof SETTINGS;
export const Settings = z.strictObject(SETTINGS);
export type ComputeSettings = z.infer<typeof Settings>;

export function metaOf(name: SettingName): SettingMeta {
  return SETTINGS[name].meta() as unknown as SettingMeta;
}
