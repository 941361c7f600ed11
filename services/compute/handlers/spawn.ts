import { ComputeError } from '../../common/errors.js';
import { againAfter, type CommandOf } from '../../common/messages/commands.js';
import type { SpawnPlan } from '../../common/messages/spawn-plan.js';
import type { InstanceState } from '../../common/messages/results.js';
import { specHash } from '../../common/spec-hash.js';
import { refuseOtherWish } from '../other-wish.js';
import type { Abandoned, SpawnRequest } from '../ports.js';
import type { LaneContext } from './lane-context.js';

/**
 * Takes an instance from nothing to running. A copy of a message already done is answered with the state and changes nothing; an attempt
 * that was cut off goes on where it stopped.
 * @throws conflict when this generation has been destroyed; already-exists when another wish holds the id: it is not touched
 */
export async function spawn(command: CommandOf<'instance.spawn'>, context: LaneContext): Promise<InstanceState> {
  const { driver, tombstones, onStep, signal, onProgress } = context;
  const request = { ...requestOf(command, command.deadline), signal, onProgress };
  const { id } = request.spec;
  refuseDestroyed(id, request.generation, tombstones.generationOf(id));
  // What else may be there the driver refuses: it looks in any case, and a look is calls of libvirt and reads of the disk.
  if (context.refuseNew && (await driver.find(id, command.deadline)) === null) context.refuseNew(id);
  return driver.spawn(request, onStep);
}

/** What the spawn would do, and its refusals. Nothing is made, and nothing remembers that somebody asked. */
export async function previewSpawn(command: CommandOf<'instance.spawn'>, context: LaneContext): Promise<SpawnPlan> {
  const { driver, tombstones, signal } = context;
  const request = { ...requestOf(command, command.deadline), signal };
  const { id } = request.spec;
  refuseDestroyed(id, request.generation, tombstones.generationOf(id));
  const found = await driver.find(id, command.deadline);
  if (found) refuseOtherWish(id, found, request);
  else context.refuseNew?.(id);
  return driver.preview(request);
}

/**
 * Instead of a spawn that is not begun any more: an attempt that was cut off may have left something, which nobody would ever miss.
 * Gives the state when the spawn had come to its end before, and only its answer was lost; else what is taken away now.
 * @param until when to give up looking, in milliseconds since the epoch
 * @throws conflict when this generation has been destroyed
 */
export async function abandonSpawn(
  command: CommandOf<'instance.spawn'>,
  until: number,
  { driver, tombstones }: LaneContext,
): Promise<Abandoned> {
  const request = requestOf(command, until);
  const { id } = request.spec;
  refuseDestroyed(id, request.generation, tombstones.generationOf(id));
  return driver.abandon(request);
}

function requestOf({ body, requestId }: CommandOf<'instance.spawn'>, deadline: number): SpawnRequest {
  const { instance, start = {}, generation = 1 } = body;
  return { spec: instance, start, specHash: specHash(instance), generation, requestId, deadline };
}

/** A spawn that comes after its destroy, late or as a copy, stays down. */
function refuseDestroyed(id: string, generation: number, destroyed: number | null): void {
  if (destroyed === null || generation > destroyed) return;
  throw new ComputeError(
    'conflict',
    `instance ${id} was destroyed in generation ${destroyed}, and this spawn is of generation ${generation}; ${againAfter(destroyed)}`,
    { field: 'generation' },
  );
}
