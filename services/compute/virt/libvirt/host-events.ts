import type { PowerState } from '../../../common/messages/power-state.js';
import type { ChangeReason } from '../../instances/sight.js';

// virDomainEventType, and the details of each that mean something to us (virDomainEventStartedDetailType and its kin).
const [DEFINED, UNDEFINED, STARTED, SUSPENDED, RESUMED, STOPPED, PMSUSPENDED, CRASHED] = [0, 1, 2, 3, 4, 5, 7, 8];
const SUSPENDED_IOERROR = 2;
const STARTED_REASONS: readonly ChangeReason[] = ['started', 'migrated', 'restored', 'restored', 'resumed'];
const STOPPED_REASONS: readonly ChangeReason[] = ['shutdown', 'destroyed', 'crashed', 'migrated', 'saved', 'failed', 'restored'];
const STOPPED_SAVED = 4;

export type HostEvent = 'appeared' | 'vanished' | { readonly powerState: PowerState; readonly reason: ChangeReason };

/** A life-cycle event in our words; null for one that leaves the guest in the state it was in, such as being asked to shut down. */
export function hostEvent(event: number, detail: number): HostEvent | null {
  switch (event) {
    case DEFINED:
      return 'appeared';
    case UNDEFINED:
      return 'vanished';
    case STARTED:
      return { powerState: 'running', reason: STARTED_REASONS[detail] ?? 'unknown' };
    case RESUMED:
      return { powerState: 'running', reason: 'resumed' };
    case SUSPENDED:
      return { powerState: 'paused', reason: detail === SUSPENDED_IOERROR ? 'io-error' : 'paused' };
    case PMSUSPENDED:
      return { powerState: 'paused', reason: 'paused' };
    case STOPPED:
      return { powerState: detail === STOPPED_SAVED ? 'suspended' : 'shutdown', reason: STOPPED_REASONS[detail] ?? 'unknown' };
    case CRASHED:
      return { powerState: 'crashed', reason: 'crashed' };
    default:
      return null;
  }
}
