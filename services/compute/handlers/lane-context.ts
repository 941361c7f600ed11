import type { Checkpoint } from '../checkpoint.js';
import type { Cordon, Driver, ProgressListener, StepListener, Tombstones } from '../ports.js';

/** What a handler may use. It runs in its instance's lane: nothing else touches the instance meanwhile. */
export interface LaneContext {
  readonly driver: Driver;
  readonly tombstones: Tombstones;
  readonly onStep?: StepListener | undefined;
  readonly checkpoint?: Checkpoint | undefined;
  readonly onProgress?: ProgressListener | undefined;
  /** Aborted when the command is called off; the reason is its answer. */
  readonly signal?: AbortSignal | undefined;
  /** For a destroy: the highest generation of the spawns that it has overtaken or called off. */
  readonly overtaken?: number | undefined;
  /** For a look: whether a spawn of its instance is in hand. */
  readonly isSpawning?: (() => boolean) | undefined;
  /** Throws when the host takes no instance that is not there yet. */
  readonly refuseNew?: ((id: string) => void) | undefined;
}

/** What the commands about the host may use as well. */
export interface CommandContext extends LaneContext {
  readonly cordon: Cordon;
  /** Which queue brought it. */
  readonly queue: 'work' | 'control';
}
