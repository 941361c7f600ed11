import type { CommandOf } from '../../common/messages/commands.js';
import type { DestroyResult } from '../../common/messages/results.js';
import type { LaneContext } from './lane-context.js';

/**
 * Takes an instance away, and keeps spawns of its generation down from then on. Succeeds when nothing is there, and when only a later
 * generation is: a destroy that comes late ends what it was meant for and nothing else.
 */
export async function destroy(command: CommandOf<'instance.destroy'>, context: LaneContext): Promise<DestroyResult> {
  const { driver, tombstones, onStep, checkpoint, overtaken = 1 } = context;
  const { id } = command.body.instance;
  const found = await driver.find(id, command.deadline);
  // A destroy without a generation means the one that it finds, also when it is cut off and comes again after the next one's spawn.
  const { body, messageId } = command;
  const generation = body.generation ?? tombstones.buriedBy(id, messageId) ?? Math.max(found?.generation ?? 1, overtaken);
  // Before anything goes: a worker that dies half-way must not let a copied spawn bring it back.
  tombstones.bury(id, generation, messageId);
  await checkpoint?.('buried', id);
  if (found && found.generation > generation) return { instanceId: id, existed: false, removed: [] };
  return driver.destroy(id, { deadline: command.deadline }, onStep);
}
