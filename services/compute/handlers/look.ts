import { ComputeError } from '../../common/errors.js';
import type { CommandOf } from '../../common/messages/commands.js';
import type { ConsoleAddress, ConsoleOutput, InstanceRecord, InstanceState } from '../../common/messages/results.js';
import type { Diagnostics } from '../../common/messages/diagnostics.js';
import { lookRequest } from './change.js';
import type { LaneContext } from './lane-context.js';

const DEFAULT_CONSOLE_BYTES = 65_536;

/** The instance as it stands, also when only half made. */
export async function get(
  { body }: CommandOf<'instance.get'>,
  { driver }: LaneContext,
): Promise<{ instance: InstanceState; record: InstanceRecord }> {
  const { id } = body.instance;
  const found = await driver.find(id);
  if (!found) throw new ComputeError('not-found', `get ${id}: there is no such instance on this host`, { field: 'instance.id' });
  const { generation, specHash, domainName, committed, desired, requestId, metadata, rescued } = found;
  if (body.generation !== undefined && body.generation !== generation) {
    throw new ComputeError('conflict', `get ${id}: the instance is of generation ${generation}`, { field: 'generation' });
  }
  if (committed && found.powerState === null) {
    throw new ComputeError(
      'precondition',
      `get ${id}: its domain was taken away outside of novalet; destroy the instance, and spawn it anew`,
    );
  }
  return {
    instance: { instanceId: id, powerState: found.powerState ?? 'pending', domainName, specHash, generation },
    record: {
      committed,
      desiredPowerState: desired.powerState,
      autodestroy: desired.autodestroy,
      ...(rescued && { rescued }),
      requestId,
      metadata,
    },
  };
}

export function console(command: CommandOf<'instance.console'>, { driver }: LaneContext): Promise<ConsoleOutput> {
  return driver.console({ ...lookRequest(command), maxBytes: command.body.maxBytes ?? DEFAULT_CONSOLE_BYTES });
}

export function consoleAddress(command: CommandOf<'instance.consoleAddress'>, { driver }: LaneContext): Promise<ConsoleAddress> {
  return driver.consoleAddress(lookRequest(command));
}

export function diagnostics(command: CommandOf<'instance.diagnostics'>, { driver }: LaneContext): Promise<Diagnostics> {
  return driver.diagnostics(lookRequest(command));
}
