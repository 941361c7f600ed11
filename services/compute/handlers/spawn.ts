import { ComputeError } from '../../common/errors.js';
import type { CommandOf } from '../../common/messages/commands.js';
import type { InstanceState } from '../../common/messages/results.js';
import { specHash } from '../../common/spec-hash.js';
import type { FoundInstance } from '../ports.js';
import type { LaneContext } from './lane-context.js';

/**
 * Takes an instance from nothing to running. A copy of a message already done is answered with the state and changes nothing; an attempt
 * that was cut off goes on where it stopped.
 * @throws conflict when this generation has been destroyed; already-exists when another wish holds the id: it is not touched
 */
export async function spawn(command: CommandOf<'instance.spawn'>, { driver, tombstones, onStep }: LaneContext): Promise<InstanceState> {
  const { instance, start = {}, generation = 1 } = command.body;
  refuseDestroyed(instance.id, generation, tombstones.generationOf(instance.id));
  const hash = specHash(instance);
  const found = await driver.find(instance.id);
  if (found) refuseOtherWish(found, hash, generation);
  const { requestId, deadline } = command;
  return driver.spawn({ spec: instance, start, specHash: hash, generation, requestId, deadline }, onStep);
}

/** A spawn that comes after its destroy, late or as a copy, stays down. */
function refuseDestroyed(id: string, generation: number, destroyed: number | null): void {
  if (destroyed === null || generation > destroyed) return;
  throw new ComputeError(
    'conflict',
    `instance ${id} was destroyed in generation ${destroyed}, and this spawn is of generation ${generation}; to use the id again, spawn generation ${destroyed + 1}`,
    { field: 'generation' },
  );
}

function refuseOtherWish(found: FoundInstance, hash: string, generation: number): void {
  if (found.specHash !== hash) {
    throw new ComputeError('already-exists', `instance ${found.id} exists with another spec; destroy it first, or use another id`, {
      field: 'instance',
    });
  }
  if (found.generation !== generation) {
    throw new ComputeError(
      'already-exists',
      `instance ${found.id} exists in generation ${found.generation}, and this spawn is of generation ${generation}; destroy it first`,
      { field: 'generation' },
    );
  }
}
