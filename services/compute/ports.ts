import type { Diagnostics } from '../common/messages/diagnostics.js';
import type { ImageFormat, PrefetchedImage, RemoteImage } from '../common/messages/images.js';
import type { DesiredPowerState, PowerState } from '../common/messages/power-state.js';
import type { SpawnPlan } from '../common/messages/spawn-plan.js';
import type { ConsoleReader, HostView } from './host-view.js';
import type { Sight } from './instances/sight.js';
import type { SpecNow } from './instances/spec-now.js';
import type { InterfaceSpec } from '../common/messages/guest/interface.js';
import type { SeedSpec } from '../common/messages/guest/seed.js';
import type { DiskSpec, InstanceSpec, StartOptions, UserMetadata } from '../common/messages/instance-spec.js';
import type { SnapshotResult, ConsoleAddress, ConsoleOutput, DestroyResult, InstanceState } from '../common/messages/results.js';

/** What a driver finds out about an instance that it holds, from the hypervisor and the instance's own directory. */
export interface FoundInstance {
  readonly id: string;
  readonly specHash: string;
  readonly generation: number;
  readonly requestId: string;
  /** Null: the hypervisor has no guest of it; not yet, or, once it is committed, no more. */
  readonly powerState: PowerState | null;
  /** The spawn that made it came to its end: a copy of its message only reports. */
  readonly committed: boolean;
  /** Where it belongs, by the last command that changed it; what recovery goes by. */
  readonly desired: Desired;
  /** The user's metadata as it is now; the spec keeps that of the wish. */
  readonly metadata: UserMetadata;
  /** What was asked for, and what changed of it since, without its secrets. Null: nothing says it. */
  readonly spec: SpecNow | null;
  /** It boots from a rescue image, until it is unrescued. */
  readonly rescued?: true;
  readonly domainName: string;
}

export interface Desired {
  readonly powerState: DesiredPowerState;
  /** It ends with the worker's connection and is not brought back. */
  readonly autodestroy: boolean;
}

export interface SpawnRequest {
  readonly spec: InstanceSpec;
  readonly start: StartOptions;
  readonly specHash: string;
  readonly generation: number;
  readonly requestId: string;
  /** Milliseconds since the epoch; no step runs past it. */
  readonly deadline: number;
  /** Aborted when nobody wants it any more: what was made is taken away, and the reason is the error. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
}

/** How far a long step has come. */
export interface Progress {
  readonly phase: string;
  readonly bytes?: number;
  /** Absent: nobody knows yet. */
  readonly totalBytes?: number;
}

/** Told often; must be quick and never throw. */
export type ProgressListener = (progress: Progress) => void;

/** A look at an instance that must be there. */
export interface LookRequest {
  readonly id: string;
  /** Only this generation; absent: whichever is there. */
  readonly generation?: number | undefined;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

/** A change to an instance that must be there. */
export interface ChangeRequest extends LookRequest {
  /** The command's idempotency key: what was done under it is not done again, whatever happened to the instance since. */
  readonly key: string;
  /** Aborted when nobody wants it any more: ends as soon as it safely can, with the reason as the error. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
}

/** An image that spawns are going to want. */
export interface PrefetchRequest {
  readonly image: RemoteImage;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
}

/** Absent: as it is. */
export interface ResizeRequest extends ChangeRequest {
  readonly vcpus?: number | undefined;
  readonly memoryMiB?: number | undefined;
  readonly disks: readonly { readonly device: string; readonly sizeMiB: number }[];
  readonly mode: 'auto' | 'live' | 'cold';
  /** For a guest that has to stop. */
  readonly graceMs: number;
}

export interface RebuildRequest extends ChangeRequest {
  /** Without an image: empty; without a size: as it has, or as the image has. */
  readonly disks: readonly ({ readonly device: string } & Pick<DiskSpec, 'image' | 'imageFormat' | 'sizeMiB'>)[];
  /** In place of the seed that it has; absent: that stays. */
  readonly seed?: SeedSpec | undefined;
  /** For a guest that has to stop. */
  readonly graceMs: number;
}

export interface RescueRequest extends ChangeRequest {
  readonly image: string | RemoteImage;
  readonly imageFormat?: ImageFormat | undefined;
  readonly graceMs: number;
}

export interface AttachDiskRequest extends ChangeRequest {
  /** Its name in the guest: vdb. */
  readonly device: string;
  readonly disk: DiskSpec;
}

export interface DetachDiskRequest extends ChangeRequest {
  readonly device: string;
  /** Take its file away, too. */
  readonly remove: boolean;
  /** For a guest that runs to let go. */
  readonly graceMs: number;
}

export interface AttachInterfaceRequest extends ChangeRequest {
  readonly nic: InterfaceSpec;
  readonly mac: string;
}

export interface DetachInterfaceRequest extends ChangeRequest {
  readonly mac: string;
  readonly graceMs: number;
}

export interface SnapshotRequest extends ChangeRequest {
  readonly device: string;
  /** Of the file. */
  readonly name: string;
  /** Its agent brings the file systems of a guest that runs to rest for a moment. */
  readonly quiesce?: boolean;
}

export interface PasswordRequest extends ChangeRequest {
  readonly user: string;
  readonly password: string;
}

/** What became of a spawn that nobody goes on with. */
export interface Abandoned {
  /** It had come to its end before: the instance as it stands, untouched. */
  readonly instance?: InstanceState;
  /** What an attempt that was cut off had left and is now taken away: guest, domain, files. */
  readonly cleanedUp: readonly string[];
  /** What may have had to stay, for the next attempt or a destroy. */
  readonly leftovers: readonly string[];
}

/** The steps of a spawn, in order; also the values of the metric label `step`. */
export const SPAWN_STEPS = ['images', 'disks', 'define', 'start', 'started'] as const;
export type SpawnStep = (typeof SPAWN_STEPS)[number];
export const DESTROY_STEPS = ['stop', 'undefine', 'files'] as const;
export type DestroyStep = (typeof DESTROY_STEPS)[number];
/** The steps of the verbs that change an instance; each does some of them. */
export const CHANGE_STEPS = [
  'shutdown',
  'stop',
  'start',
  'started',
  'pause',
  'unpause',
  'suspend',
  'resume',
  'metadata',
  'redefine',
  'resizeLive',
  'growDisks',
  'makeDisk',
  'swapDisks',
  'attach',
  'detach',
  'removeDisk',
  'copy',
  'password',
  'quiesce',
  'unquiesce',
  'record',
] as const;
export type ChangeStep = (typeof CHANGE_STEPS)[number];
export type Step = SpawnStep | DestroyStep | ChangeStep;

/** Told of every step as it ends, for metrics, logs and, later, progress events. */
export type StepListener = (step: Step, seconds: number) => void;

/**
 * Our port to a hypervisor. Every call throws ComputeError and nothing else, and may be repeated at will.
 * The caller keeps calls for one instance apart (one lane an instance).
 */
export interface Driver extends Sight, HostView {
  /** The instance as it stands, also when only half made; null when nothing of it is here. */
  find(id: string, deadline?: number): Promise<FoundInstance | null>;
  /**
   * Leaves a guest in the state that was asked for, or an error and nothing that this attempt made. Resumes at the first step
   * whose artefact is missing when an earlier attempt for the same spec was cut off. A spawn that came to its end before is reported as
   * it stands, and nothing is done.
   * @throws already-exists when a domain or directory of another spec or generation holds the id: it is not touched
   * @throws precondition when the spawn came to its end and somebody else took its guest away since: nothing is touched
   */
  spawn(request: SpawnRequest, onStep?: StepListener): Promise<InstanceState>;
  /**
   * What `spawn` would do, with the errors that it would give before it defines anything. Makes, claims and fetches nothing.
   */
  preview(request: SpawnRequest): Promise<SpawnPlan>;
  /**
   * Takes away what attempts of this very wish, in this generation, left half made when they were cut off, and nothing else. `deadline` is
   * for this and not the spawn's own.
   * @throws precondition as `spawn`
   */
  abandon(request: SpawnRequest): Promise<Abandoned>;
  /** Takes away the guest, its definition and what the instance's manifest lists; succeeds when nothing is there. */
  destroy(id: string, options: { deadline: number }, onStep?: StepListener): Promise<DestroyResult>;

  // Changes: each leaves the instance in the state that it names and says how it stands. `power-table.ts` says what each does in which state;
  // a change that was done under its key before is only reported. Killed half-way, the same request leads to the same end.
  // All throw not-found where nothing of the instance is, conflict for a domain that is not ours or another generation, precondition for a
  // state in which it cannot be done.
  start(request: ChangeRequest & { readonly start: StartOptions }, onStep?: StepListener): Promise<InstanceState>;
  /** Asks the guest to power off, and switches it off when it has not done so after `graceMs`; with 0 at once. */
  stop(request: ChangeRequest & { readonly graceMs: number }, onStep?: StepListener): Promise<InstanceState>;
  /** Off, softly within `graceMs` or at once, and on again. */
  reboot(
    request: ChangeRequest & { readonly mode: 'soft' | 'hard'; readonly graceMs: number },
    onStep?: StepListener,
  ): Promise<InstanceState>;
  pause(request: ChangeRequest, onStep?: StepListener): Promise<InstanceState>;
  unpause(request: ChangeRequest, onStep?: StepListener): Promise<InstanceState>;
  /** Memory to disk, and off. */
  suspend(request: ChangeRequest & { readonly bypassCache: boolean }, onStep?: StepListener): Promise<InstanceState>;
  resume(request: ChangeRequest & { readonly bypassCache: boolean }, onStep?: StepListener): Promise<InstanceState>;
  /** Replaces the user's metadata; the spec's hash stays that of the wish that made the instance. */
  setMetadata(request: ChangeRequest & { readonly metadata: UserMetadata }, onStep?: StepListener): Promise<InstanceState>;

  /** Other sizes, as absolute targets; the guest stops and starts for them where `mode` lets it and nothing else will do. Disks only grow. */
  resize(request: ResizeRequest, onStep?: StepListener): Promise<InstanceState>;

  /** Disks made anew from images, in place of those that it has; everything else stays, the power state too. */
  rebuild(request: RebuildRequest, onStep?: StepListener): Promise<InstanceState>;
  /**
   * The guest boots from a rescue image, its own disks behind that. Until it is unrescued it can be started, stopped, rebooted, unpaused, looked at, given
   * other metadata, and destroyed; everything else is a precondition.
   * @throws precondition when it is rescued already
   */
  rescue(request: RescueRequest, onStep?: StepListener): Promise<InstanceState>;
  /** The definition and the power state that it had before it was rescued; success when it is not rescued. */
  unrescue(request: ChangeRequest & { readonly graceMs: number }, onStep?: StepListener): Promise<InstanceState>;

  // Devices: in the guest that runs and in its definition; what is there, or gone, already is success.
  /** @throws already-exists when the name belongs to a disk of the spawn; nothing is kept of a disk that was refused */
  attachDisk(request: AttachDiskRequest, onStep?: StepListener): Promise<InstanceState>;
  /** @throws timeout when the guest has not let go within `graceMs` */
  detachDisk(request: DetachDiskRequest, onStep?: StepListener): Promise<InstanceState>;
  attachInterface(request: AttachInterfaceRequest, onStep?: StepListener): Promise<InstanceState>;
  detachInterface(request: DetachInterfaceRequest, onStep?: StepListener): Promise<InstanceState>;

  /**
   * A disk as a file below the host's directory for snapshots; of a guest that runs, as it was at one moment.
   * @throws already-exists for a name that is taken, unsupported for a guest that runs where the hypervisor cannot
   */
  snapshot(request: SnapshotRequest, onStep?: StepListener): Promise<SnapshotResult>;

  // By the agent in the guest: precondition where none answers.
  setAdminPassword(request: PasswordRequest, onStep?: StepListener): Promise<InstanceState>;
  /** File systems write everything down and stand still until the thaw. */
  quiesce(request: ChangeRequest, onStep?: StepListener): Promise<InstanceState>;
  unquiesce(request: ChangeRequest, onStep?: StepListener): Promise<InstanceState>;

  /** Where the guest's screen and serial port are. Throws as changes do; precondition for a guest that is off. */
  consoleAddress(request: LookRequest): Promise<ConsoleAddress>;
  /** The end of the console's log. Throws as changes do. */
  console(request: LookRequest & { readonly maxBytes: number }): Promise<ConsoleOutput>;
  /** The same log, to be read as it grows. Throws as changes do. */
  openConsole(request: LookRequest): Promise<ConsoleReader>;
  /** What the hypervisor knows of the guest, in time: what does not answer is named as missing. Throws as changes do. */
  diagnostics(request: LookRequest): Promise<Diagnostics>;
  /**
   * Sees to it that an image is here and whole; says what it is.
   * @throws denied for hosts that are not allowed, invalid for what is no image that is taken, unavailable while it cannot be had
   */
  prefetch(request: PrefetchRequest): Promise<PrefetchedImage>;
  /** Cheap proof that the hypervisor answers; rejects within `timeoutMs`. */
  ping(timeoutMs: number): Promise<void>;
  close(): Promise<void>;
}

/** Remembers destroyed instances over restarts, so that a late or copied spawn stays down. */
export interface Tombstones {
  /** The highest generation of the instance that has been destroyed, or null. */
  generationOf(id: string): number | null;
  /** The generation that the destroy of this idempotency key buried; null when it has not come so far. */
  buriedBy(id: string, key: string): number | null;
  /** Durable when it returns. Never lowers a generation. */
  bury(id: string, generation: number, key?: string): void;
  close(): void;
}

/** Who drained the host, and when. */
export interface Drained {
  /** RFC 3339. */
  readonly since: string;
  readonly requestId: string;
  readonly reason?: string;
}

/** Whether the host takes new work; remembered over restarts. */
export interface Cordon {
  readonly drained: Drained | null;
  /** Durable when it returns. */
  drain(by: Omit<Drained, 'since'>): void;
  undrain(): void;
}
