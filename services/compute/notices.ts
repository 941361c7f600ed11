import type { Command, CommandType } from '../common/messages/commands.js';
import type { CommandResult } from '../common/messages/results.js';
import type { Delivery } from './delivery.js';
import type { Outgoing } from './outgoing.js';

/**
 * What is told of a command to others than its sender, beside the event that always goes out: when it is begun, with no result, and with its answer,
 * which waits until it is confirmed.
 * @param command null where the message was none that could be read
 */
export type Notices = (delivery: Delivery, type: CommandType, command: Command | null, result: CommandResult | null) => readonly Outgoing[];
