import { asComputeError, ComputeError } from '../../common/errors.js';
import type { CommandOf, LOOK_TYPES } from '../../common/messages/commands.js';
import type { ConsoleAddress, ConsoleOutput, InstanceRecord, InstanceState } from '../../common/messages/results.js';
import type { Diagnostics } from '../../common/messages/diagnostics.js';
import type { FoundInstance } from '../ports.js';
import { lookRequest } from './change.js';
import type { LaneContext } from './lane-context.js';

type LookType = (typeof LOOK_TYPES)[number];

const DEFAULT_CONSOLE_BYTES = 65_536;

/** The instance as it stands, also when only half made, or when somebody has taken its domain away. */
async function record(
  { body, deadline }: CommandOf<'instance.get'>,
  { driver, tombstones }: LaneContext,
): Promise<{ instance: InstanceState; record: InstanceRecord }> {
  const { id } = body.instance;
  const found = await driver.find(id, deadline);
  if (!found) throw new ComputeError('not-found', `get ${id}: there is no such instance on this host`, { field: 'instance.id' });
  const { generation, specHash, domainName, committed, desired, requestId, metadata, rescued } = found;
  if (body.generation !== undefined && body.generation !== generation) {
    throw new ComputeError('conflict', `get ${id}: the instance is of generation ${generation}`, { field: 'generation' });
  }
  const isMissing = committed && found.powerState === null;
  if (isMissing && isBuried(found, tombstones)) throw isGoing(`get ${id}`);
  const powerState = found.powerState ?? (committed ? 'shutdown' : 'pending');
  return {
    instance: { instanceId: id, powerState, domainName, specHash, generation },
    record: {
      committed,
      desiredPowerState: desired.powerState,
      autodestroy: desired.autodestroy,
      ...(rescued && { rescued }),
      ...(isMissing && { missing: ['domain'] }),
      requestId,
      metadata,
    },
  };
}

/**
 * A look as it is honest beside a change: what a spawn in hand has not begun to make is waited for, and what a destroy is taking away was not taken
 * by others.
 */
async function beside<T>({ body, deadline, type }: CommandOf<LookType>, context: LaneContext, look: () => Promise<T>): Promise<T> {
  const { id } = body.instance;
  try {
    return await look();
  } catch (thrown) {
    const { kind } = asComputeError(thrown);
    if (kind === 'not-found' && context.isSpawning?.())
      throw new ComputeError('busy', `${type} ${id}: its spawn is in hand, and nothing of it is there yet`, { field: 'instance.id' });
    if (kind === 'precondition' && (await isEnding(id, deadline, context))) throw isGoing(`${type} ${id}`);
    throw thrown;
  }
}

/** A destroy remembers what it ends before it begins. */
async function isEnding(id: string, deadline: number, { driver, tombstones }: LaneContext): Promise<boolean> {
  if (tombstones.generationOf(id) === null) return false;
  const found = await driver.find(id, deadline);
  return found === null || (found.powerState === null && isBuried(found, tombstones));
}

const isBuried = ({ id, generation }: FoundInstance, tombstones: LaneContext['tombstones']): boolean =>
  generation <= (tombstones.generationOf(id) ?? 0);

const isGoing = (what: string): ComputeError =>
  new ComputeError('not-found', `${what}: it is destroyed, and not all of it is gone yet`, { field: 'instance.id' });

export function get(command: CommandOf<'instance.get'>, context: LaneContext): ReturnType<typeof record> {
  return beside(command, context, () => record(command, context));
}

export function console(command: CommandOf<'instance.console'>, context: LaneContext): Promise<ConsoleOutput> {
  const maxBytes = command.body.maxBytes ?? DEFAULT_CONSOLE_BYTES;
  return beside(command, context, () => context.driver.console({ ...lookRequest(command), maxBytes }));
}

export function consoleAddress(command: CommandOf<'instance.consoleAddress'>, context: LaneContext): Promise<ConsoleAddress> {
  return beside(command, context, () => context.driver.consoleAddress(lookRequest(command)));
}

export function diagnostics(command: CommandOf<'instance.diagnostics'>, context: LaneContext): Promise<Diagnostics> {
  return beside(command, context, () => context.driver.diagnostics(lookRequest(command)));
}
