import type { CommandOf, CommandType } from '../../common/messages/commands.js';
import type { CommandResult } from '../../common/messages/results.js';
import { destroy } from './destroy.js';
import type { LaneContext } from './lane-context.js';
import { spawn } from './spawn.js';

/** The part of the answer that only the handler knows. */
export type Done = Pick<CommandResult, 'instance' | 'destroyed'>;

/** Who does what; a command without a handler does not compile. Every handler may be run twice without harm. */
export const HANDLERS: { readonly [T in CommandType]: (command: CommandOf<T>, context: LaneContext) => Promise<Done> } = {
  'instance.spawn': async (command, context) => ({ instance: await spawn(command, context) }),
  'instance.destroy': async (command, context) => ({ destroyed: await destroy(command, context) }),
};
