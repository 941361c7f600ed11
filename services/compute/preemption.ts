import { ComputeError } from '../common/errors.js';
import { generationOfSpawn, makesInstance, type Command, type CommandOf } from '../common/messages/commands.js';
import type { Driver } from './ports.js';
import type { Turn } from './turn.js';

type Destroy = CommandOf<'instance.destroy'>;

/**
 * Whether a destroy ends what another command of its instance is about; null when only the instance itself can say, for the other one names
 * no generation.
 */
function ends({ ended: generation }: Turn, other: Command): boolean | null {
  if (other.type === 'instance.destroy' || !('instance' in other.body)) return false;
  if (generation === undefined) return true;
  if (other.type === 'instance.spawn') return generationOfSpawn(other) <= generation;
  return other.body.generation === undefined ? null : other.body.generation <= generation;
}

/** A destroy passes whatever waits and would come too late after it. */
export function goesBefore(late: Turn, early: Turn): boolean {
  return late.command.type === 'instance.destroy' && ends(late, early.command) !== false;
}

/**
 * A destroy that has just arrived calls off what runs in its lane, and remembers the spawns that it comes before. One that nobody waits for any more, or
 * that goes back, does nothing.
 */
export async function preempt(turn: Turn, inLane: readonly (Turn | null)[], driver: Pick<Driver, 'find'>): Promise<void> {
  const { command } = turn;
  if (command.type !== 'instance.destroy' || turn.isOver) return;
  const spawns = inLane.flatMap((other) => (other && makesInstance(other.command) && ends(turn, other.command) ? [other.command] : []));
  if (spawns.length > 0) turn.overtaken = Math.max(...spawns.map(generationOfSpawn));
  const [running] = inLane;
  if (!running || !(ends(turn, running.command) ?? (await isOfGeneration(turn.ended, command, driver))) || turn.isOver) return;
  running.callOff(calledOff(`${running.command.type} ${command.body.instance.id}`, command));
  turn.hasCalledOff = `${running.command.type} ${running.command.messageId}`;
}

async function isOfGeneration(generation: number | undefined, { body, deadline }: Destroy, driver: Pick<Driver, 'find'>): Promise<boolean> {
  const found = await driver.find(body.instance.id, deadline).catch(() => null);
  return found !== null && generation !== undefined && found.generation <= generation;
}

/** @param what what was under way, for the message */
export function calledOff(what: string, { messageId }: Destroy): ComputeError {
  return new ComputeError('cancelled', `${what}: called off by the destroy ${messageId}, which takes the instance away`);
}
