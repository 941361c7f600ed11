import { ComputeError } from '../../common/errors.js';
import type { CommandOf } from '../../common/messages/commands.js';
import type { DrainState } from '../../common/messages/results.js';
import type { Cordon } from '../ports.js';

/** From now on, and over restarts, the host takes nothing from its work queue; what is begun comes to its end. */
export function drain({ body, requestId }: CommandOf<'host.drain'>, cordon: Cordon): DrainState {
  cordon.drain({ requestId, ...(body.reason !== undefined && { reason: body.reason }) });
  return stateOf(cordon);
}

export function undrain(_command: CommandOf<'host.undrain'>, cordon: Cordon): DrainState {
  cordon.undrain();
  return stateOf(cordon);
}

/** A new instance by the other queue would be just as new. @throws ComputeError precondition */
export function refuseNewWhileDrained(id: string, { drained }: Cordon): void {
  if (drained === null) return;
  throw new ComputeError(
    'precondition',
    `spawn ${id}: the host has been drained since ${drained.since} (request ${drained.requestId}); send it to another host, or host.undrain first`,
  );
}

function stateOf({ drained }: Cordon): DrainState {
  return drained === null ? { drained: false } : { drained: true, ...drained };
}
