import type { InstanceSpec, StartOptions } from '../common/messages/instance-spec.js';
import type { DestroyResult, InstanceState, PowerState } from '../common/messages/results.js';

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
}

export interface SpawnRequest {
  readonly spec: InstanceSpec;
  readonly start: StartOptions;
  readonly specHash: string;
  readonly generation: number;
  readonly requestId: string;
  /** Milliseconds since the epoch; no step runs past it. */
  readonly deadline: number;
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

/** Told of every step as it ends, for metrics, logs and, later, progress events. */
export type StepListener = (step: SpawnStep | DestroyStep, seconds: number) => void;

/**
 * Our port to a hypervisor. Every call throws ComputeError and nothing else, and may be repeated at will.
 * The caller keeps calls for one instance apart (one lane an instance).
 */
export interface Driver {
  /** The instance as it stands, also when only half made; null when nothing of it is here. */
  find(id: string): Promise<FoundInstance | null>;
  /**
   * Leaves a guest in the state that was asked for, or an error and nothing that this attempt made. Resumes at the first step
   * whose artefact is missing when an earlier attempt for the same spec was cut off. A spawn that came to its end before is reported as
   * it stands, and nothing is done.
   * @throws already-exists when a domain or directory of another spec holds the id: it is not touched
   * @throws precondition when the spawn came to its end and somebody else took its guest away since: nothing is touched
   */
  spawn(request: SpawnRequest, onStep?: StepListener): Promise<InstanceState>;
  /**
   * Takes away what attempts of this very wish, in this generation, left half made when they were cut off, and nothing else. `deadline` is
   * for this and not the spawn's own.
   * @throws precondition as `spawn`
   */
  abandon(request: SpawnRequest): Promise<Abandoned>;
  /** Takes away the guest, its definition and what the instance's manifest lists; succeeds when nothing is there. */
  destroy(id: string, options: { deadline: number }, onStep?: StepListener): Promise<DestroyResult>;
  /** Cheap proof that the hypervisor answers; rejects within `timeoutMs`. */
  ping(timeoutMs: number): Promise<void>;
  close(): Promise<void>;
}

/** Remembers destroyed instances over restarts, so that a late or copied spawn stays down. */
export interface Tombstones {
  /** The highest generation of the instance that has been destroyed, or null. */
  generationOf(id: string): number | null;
  /** Durable when it returns. Never lowers a generation. */
  bury(id: string, generation: number): void;
  close(): void;
}
