import { z } from 'zod';
import { RemoteImage } from './images.js';
import { needsDirectIo } from './guest/disk-device.js';
import { InterfaceSpec, MacAddress } from './guest/interface.js';
import { SeedSpec } from './guest/seed.js';
import { secret } from './secret.js';
import { DiskSpec, InstanceId, InstanceSpec, StartOptions, UserMetadata } from './instance-spec.js';

/** The one version of the message format that this worker speaks; the AMQP header `version`. */
export const MESSAGE_VERSION = 1;

const Common = {
  deadline: z.iso
    .datetime({ offset: true })
    .optional()
    .describe(
      "When the sender stops caring (RFC 3339). Past it the command is answered, not run. Absent: the worker's default from the moment of sending.",
    ),
  requestId: z
    .string()
    .regex(/^[\x21-\x7e]{1,128}$/, { error: 'a request id has 1 to 128 printable ASCII characters' })
    .optional()
    .describe('Follows the request through logs, metadata and answers. Absent: the message id.'),
};

const LAST_GENERATION = 2 ** 31 - 1;
const Generation = z.int().min(1).max(LAST_GENERATION).optional();

/** The way to use an instance id again whose generation has ended, as the end of a sentence. */
export function againAfter(generation: number): string {
  if (generation >= LAST_GENERATION) return 'use another id: this was the last generation of this one';
  return `to use the id again, spawn generation ${generation + 1}`;
}

export const SpawnBody = z.strictObject({
  ...Common,
  generation: Generation.describe('Raise it to use an instance id again after its destroy. Default 1.'),
  instance: InstanceSpec,
  start: StartOptions.optional(),
  dryRun: z.boolean().optional().describe('Answer what it would do, and do nothing. Default false.'),
});
export type SpawnBody = z.infer<typeof SpawnBody>;

export const DestroyBody = z.strictObject({
  ...Common,
  generation: Generation.describe(
    'The last generation that this destroy ends; spawns up to it stay down. Default: the one that exists, or 1.',
  ),
  instance: z.strictObject({ id: InstanceId }),
});
export type DestroyBody = z.infer<typeof DestroyBody>;

/** Which instance a command is about that changes or reads one that is there. */
const Existing = {
  ...Common,
  generation: Generation.describe('The generation that it is meant for; another one is left alone. Default: the one that exists.'),
  instance: z.strictObject({ id: InstanceId }),
};

/** Longest grace period, in seconds: what the longest deadline leaves room for. */
const MAX_GRACE = 1200;
const Grace = z.int().min(0).max(MAX_GRACE).optional();

export const StartBody = z.strictObject({ ...Existing, start: StartOptions.optional() });
export type StartBody = z.infer<typeof StartBody>;

export const StopBody = z.strictObject({
  ...Existing,
  grace: Grace.describe('Seconds that the guest has to power itself off before it is switched off. 0: switch it off at once. Default 60.'),
});
export type StopBody = z.infer<typeof StopBody>;

export const RebootBody = z.strictObject({
  ...Existing,
  mode: z
    .enum(['soft', 'hard'])
    .optional()
    .describe(
      'soft: ask the guest to power off, switch it off when it does not, start it again. hard: switch off and start. Default soft.',
    ),
  grace: Grace.describe('Seconds that the guest has to power itself off in a soft reboot. Default 120.'),
});
export type RebootBody = z.infer<typeof RebootBody>;

export const ExistingBody = z.strictObject(Existing);
export type ExistingBody = z.infer<typeof ExistingBody>;

const bypassCache = z.boolean().optional();

export const SuspendBody = z.strictObject({
  ...Existing,
  bypassCache: bypassCache.describe('Avoid the file system cache when writing the memory (VIR_DOMAIN_SAVE_BYPASS_CACHE).'),
});
export type SuspendBody = z.infer<typeof SuspendBody>;

export const ResumeBody = z.strictObject({
  ...Existing,
  bypassCache: bypassCache.describe('Avoid the file system cache when reading the memory (VIR_DOMAIN_START_BYPASS_CACHE).'),
});
export type ResumeBody = z.infer<typeof ResumeBody>;

/** Most of a console that one answer carries, in bytes. */
export const MAX_CONSOLE_BYTES = 256 * 1024;

export const ConsoleBody = z.strictObject({
  ...Existing,
  maxBytes: z.int().min(1).max(MAX_CONSOLE_BYTES).optional().describe('How much of its end is wanted, in bytes. Default 65536.'),
});
export type ConsoleBody = z.infer<typeof ConsoleBody>;

export const SetMetadataBody = z.strictObject({
  ...Existing,
  metadata: UserMetadata.describe('All of it: an entry that is not here is gone afterwards.'),
});
export type SetMetadataBody = z.infer<typeof SetMetadataBody>;

/** libvirt's name of a disk's target in the guest. */
const DiskDevice = z
  .string()
  .regex(/^(vd|sd|hd)[a-z]{1,2}$/, { error: 'a device is the name of a disk in the guest, such as vda' })
  .describe('The disk, by its name in the guest: vda, vdb, …');

export const ResizeBody = z
  .strictObject({
    ...Existing,
    vcpus: InstanceSpec.shape.vcpus.optional().describe('Number of virtual CPUs that it is to have. Absent: as it is.'),
    memoryMiB: InstanceSpec.shape.memoryMiB.optional().describe('Memory in MiB that it is to have. Absent: as it is.'),
    disks: z
      .array(
        z.strictObject({
          device: DiskDevice,
          sizeMiB: z
            .int()
            .min(1)
            .max(64 * 1024 * 1024)
            .describe('Virtual size in MiB that it is to have. A disk only grows.'),
        }),
      )
      .min(1)
      .max(24)
      .optional()
      .describe('Disks that are to grow. Absent: none.'),
    mode: z
      .enum(['auto', 'live', 'cold'])
      .optional()
      .describe(
        'live: as the guest runs, or not at all. cold: the guest stops and starts. auto: live where that can be done, else cold. Default auto.',
      ),
    grace: Grace.describe('Seconds that the guest has to power itself off where it has to stop. Default 60.'),
  })
  .refine(({ vcpus, memoryMiB, disks }) => vcpus !== undefined || memoryMiB !== undefined || disks !== undefined, {
    error: 'a resize needs vcpus, memoryMiB, disks, or several of them',
  })
  .refine(({ disks = [] }) => new Set(disks.map(({ device }) => device)).size === disks.length, {
    error: 'a disk is named twice',
    path: ['disks'],
  });
export type ResizeBody = z.infer<typeof ResizeBody>;

const RebuiltDisk = z.strictObject({
  device: DiskDevice,
  image: DiskSpec.shape.image,
  imageFormat: DiskSpec.shape.imageFormat,
  sizeMiB: DiskSpec.shape.sizeMiB.describe('Virtual size in MiB. Absent: the size that it has, or that of the image where it is larger.'),
});

export const RebuildBody = z.strictObject({
  ...Existing,
  disks: z
    .array(RebuiltDisk)
    .min(1)
    .max(24)
    .refine((disks) => new Set(disks.map(({ device }) => device)).size === disks.length, { error: 'a disk is named twice' })
    .describe('Disks that are made anew, with nothing left of what was on them. The others stay as they are.'),
  seed: SeedSpec.optional().describe(
    'What the guest configures itself from at its next boot, in place of the whole of what it had. Absent: as it is.',
  ),
  grace: Grace.describe('Seconds that a guest which runs has to power itself off. Default 60.'),
});
export type RebuildBody = z.infer<typeof RebuildBody>;

export const RescueBody = z.strictObject({
  ...Existing,
  image: DiskSpec.shape.image
    .unwrap()
    .describe("What is booted: a file under one of the host's image directories, or an image to fetch, as of a spawn's disk."),
  imageFormat: DiskSpec.shape.imageFormat,
  grace: Grace.describe('Seconds that a guest which runs has to power itself off. Default 60.'),
});
export type RescueBody = z.infer<typeof RescueBody>;

export const UnrescueBody = z.strictObject({
  ...Existing,
  grace: Grace.describe('Seconds that the system in rescue has to power itself off. Default 60.'),
});
export type UnrescueBody = z.infer<typeof UnrescueBody>;

const { bootOrder: _bootOrder, ...AttachedDisk } = DiskSpec.shape;

export const AttachDiskBody = z.strictObject({
  ...Existing,
  disk: z
    .strictObject({ device: DiskDevice, ...AttachedDisk })
    .refine(({ image, sizeMiB }) => image !== undefined || sizeMiB !== undefined, { error: 'a disk needs an image, a sizeMiB, or both' })
    .refine((disk) => !needsDirectIo(disk), { error: 'io native needs cache none or directsync', path: ['io'] })
    .refine(({ device, bus = 'virtio' }) => device.startsWith(bus === 'virtio' ? 'vd' : 'sd'), {
      error: 'a disk on virtio is called vd…, and one on another bus sd…',
      path: ['device'],
    })
    .describe('A disk made for the instance: a qcow2 overlay over an image, or an empty qcow2 file.'),
});
export type AttachDiskBody = z.infer<typeof AttachDiskBody>;

const DetachGrace = Grace.describe('Seconds that a guest which runs has to let go of it. Default 60.');

export const DetachDiskBody = z.strictObject({
  ...Existing,
  disk: z.strictObject({ device: DiskDevice }),
  remove: z
    .boolean()
    .optional()
    .describe(
      'Take its file away, with all that is on it. Default false: it stays with the instance, and comes back when the same device is attached again.',
    ),
  grace: DetachGrace,
});
export type DetachDiskBody = z.infer<typeof DetachDiskBody>;

const Mac = MacAddress.describe("The guest's address of it, by which it is known.");

export const AttachInterfaceBody = z.strictObject({
  ...Existing,
  interface: z
    .intersection(InterfaceSpec, z.object({ mac: z.string({ error: 'an interface that is attached needs a mac: it is known by it' }) }))
    .describe('How it is connected, as in a spawn, and its mac.'),
});
export type AttachInterfaceBody = z.infer<typeof AttachInterfaceBody>;

export const DetachInterfaceBody = z.strictObject({ ...Existing, interface: z.strictObject({ mac: Mac }), grace: DetachGrace });
export type DetachInterfaceBody = z.infer<typeof DetachInterfaceBody>;

export const SnapshotBody = z.strictObject({
  ...Existing,
  disk: z.strictObject({ device: DiskDevice }).optional().describe('Which disk. Default vda.'),
  image: z.strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,150}$/, {
        error: 'a name has 1 to 151 characters of A-Z a-z 0-9 . _ -, the first a letter or digit',
      })
      .refine((name) => !name.endsWith('.part'), { error: 'a name does not end with .part: such files are not finished' })
      .describe("Name of the file in the host's directory for snapshots; there must be none yet."),
  }),
  quiesce: z
    .boolean()
    .optional()
    .describe(
      'Have the agent in a guest that runs bring its file systems to rest for the moment that the snapshot shows. Default false: as after a power failure.',
    ),
});
export type SnapshotBody = z.infer<typeof SnapshotBody>;

export const SetAdminPasswordBody = z.strictObject({
  ...Existing,
  user: z
    .string()
    .regex(/^[^\p{Cc}:/]{1,255}$/u, { error: 'a user name has 1 to 255 characters, and no control character, colon or slash' })
    .optional()
    .describe('Whose password, by the name in the guest. Default root.'),
  password: secret(
    z
      .string()
      .regex(/^[^\p{Cc}]{1,255}$/u, { error: 'a password has 1 to 255 characters, none of them a control character' })
      .describe('The password in clear.'),
  ),
});
export type SetAdminPasswordBody = z.infer<typeof SetAdminPasswordBody>;

export const DrainBody = z.strictObject({
  ...Common,
  reason: z.string().min(1).max(200).optional().describe('Why, for whoever looks at the host later.'),
});
export type DrainBody = z.infer<typeof DrainBody>;

export const UndrainBody = z.strictObject({ ...Common });
export type UndrainBody = z.infer<typeof UndrainBody>;

export const PrefetchBody = z.strictObject({ ...Common, image: RemoteImage });
export type PrefetchBody = z.infer<typeof PrefetchBody>;

/** Every command the worker takes, by the AMQP property `type`. */
export const COMMAND_BODIES = {
  'instance.spawn': SpawnBody,
  'instance.destroy': DestroyBody,
  'instance.start': StartBody,
  'instance.stop': StopBody,
  'instance.reboot': RebootBody,
  'instance.pause': ExistingBody,
  'instance.unpause': ExistingBody,
  'instance.suspend': SuspendBody,
  'instance.resume': ResumeBody,
  'instance.setMetadata': SetMetadataBody,
  'instance.resize': ResizeBody,
  'instance.rebuild': RebuildBody,
  'instance.rescue': RescueBody,
  'instance.unrescue': UnrescueBody,
  'instance.attachDisk': AttachDiskBody,
  'instance.detachDisk': DetachDiskBody,
  'instance.attachInterface': AttachInterfaceBody,
  'instance.detachInterface': DetachInterfaceBody,
  'instance.snapshot': SnapshotBody,
  'instance.setAdminPassword': SetAdminPasswordBody,
  'instance.quiesce': ExistingBody,
  'instance.unquiesce': ExistingBody,
  'instance.get': ExistingBody,
  'instance.console': ConsoleBody,
  'instance.consoleAddress': ExistingBody,
  'instance.diagnostics': ExistingBody,
  'host.drain': DrainBody,
  'host.undrain': UndrainBody,
  'image.prefetch': PrefetchBody,
} as const;
export type CommandType = keyof typeof COMMAND_BODIES;
/** Commands about one instance; the others are about the host. */
export type InstanceCommandType = Extract<CommandType, `instance.${string}`>;
export type CommandBody<T extends CommandType> = z.infer<(typeof COMMAND_BODIES)[T]>;

/** What every command has, whatever its type. */
export interface CommandOf<T extends CommandType> {
  readonly type: T;
  /** AMQP message_id: the idempotency key. */
  readonly messageId: string;
  readonly requestId: string;
  readonly body: CommandBody<T>;
  /** Absolute time after which it is answered, not run; milliseconds since the epoch. */
  readonly deadline: number;
}
export type Command = { [T in CommandType]: CommandOf<T> }[CommandType];

/** What only looks, and changes nothing: it runs beside the changes of its instance, and not in their line. */
export const LOOK_TYPES = ['instance.get', 'instance.console', 'instance.consoleAddress', 'instance.diagnostics'] as const;
export const LOOKS: ReadonlySet<CommandType> = new Set<CommandType>(LOOK_TYPES);

/** A spawn, and not only the question what it would do. */
export function makesInstance(command: Command): command is CommandOf<'instance.spawn'> {
  return command.type === 'instance.spawn' && command.body.dryRun !== true;
}

/** The instance that a command is about; undefined when it is about the host. */
export function instanceIdOf({ body }: Command): string | undefined {
  return 'instance' in body ? body.instance.id : undefined;
}

export function generationOfSpawn({ body }: CommandOf<'instance.spawn'>): number {
  return body.generation ?? 1;
}
