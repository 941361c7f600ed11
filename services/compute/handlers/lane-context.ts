import type { Driver, ProgressListener, StepListener, Tombstones } from '../ports.js';

/** What a handler may use. It runs in its instance's lane: nothing else touches the instance meanwhile. */
export interface LaneContext {
  readonly driver: Driver;
  readonly tombstones: Tombstones;
  readonly onStep?: StepListener | undefined;
  readonly onProgress?: ProgressListener | undefined;
  /** Aborted when the command is called off; the reason is its answer. */
  readonly signal?: AbortSignal | undefined;
}
