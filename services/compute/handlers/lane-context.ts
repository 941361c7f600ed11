import type { Checkpoint } from '../checkpoint.js';
import type { Driver, StepListener, Tombstones } from '../ports.js';

/** What a handler may use. It runs in its instance's lane: nothing else touches the instance meanwhile. */
export interface LaneContext {
  readonly driver: Driver;
  readonly tombstones: Tombstones;
  readonly onStep?: StepListener;
  readonly checkpoint?: Checkpoint | undefined;
}
