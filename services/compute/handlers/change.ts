import type { CommandOf, InstanceCommandType } from '../../common/messages/commands.js';
import type { InstanceState } from '../../common/messages/results.js';
import type { ChangeRequest, LookRequest } from '../ports.js';
import type { LaneContext } from './lane-context.js';

/** Time that a guest has to power itself off, where its owner says nothing; nova's shutdown_timeout and wait_soft_reboot_seconds. */
const DEFAULT_STOP_GRACE_S = 60;
const DEFAULT_REBOOT_GRACE_S = 120;

type About = Exclude<InstanceCommandType, 'instance.spawn' | 'instance.destroy'>;
/** What changes an instance that is there. */
export type ChangeType = Exclude<About, 'instance.get' | 'instance.console' | 'instance.diagnostics'>;

export function lookRequest({ body, deadline }: CommandOf<About>): LookRequest {
  return { id: body.instance.id, generation: body.generation, deadline };
}

function changeRequest(command: CommandOf<ChangeType>): ChangeRequest {
  return { ...lookRequest(command), key: command.messageId };
}

type Change<T extends ChangeType> = (command: CommandOf<T>, context: LaneContext) => Promise<InstanceState>;

/**
 * The verbs of an instance that is there: from the message's words to the driver's, and nothing more. What each does in which state, and
 * that it is done once however often it comes, is the driver's contract.
 */
export const CHANGES: { readonly [T in ChangeType]: Change<T> } = {
  'instance.start': (command, { driver, onStep }) => driver.start({ ...changeRequest(command), start: command.body.start ?? {} }, onStep),
  'instance.stop': (command, { driver, onStep }) =>
    driver.stop({ ...changeRequest(command), graceMs: (command.body.grace ?? DEFAULT_STOP_GRACE_S) * 1000 }, onStep),
  'instance.reboot': (command, { driver, onStep }) => {
    const { mode = 'soft', grace = DEFAULT_REBOOT_GRACE_S } = command.body;
    return driver.reboot({ ...changeRequest(command), mode, graceMs: grace * 1000 }, onStep);
  },
  'instance.pause': (command, { driver, onStep }) => driver.pause(changeRequest(command), onStep),
  'instance.unpause': (command, { driver, onStep }) => driver.unpause(changeRequest(command), onStep),
  'instance.suspend': (command, { driver, onStep }) =>
    driver.suspend({ ...changeRequest(command), bypassCache: command.body.bypassCache ?? false }, onStep),
  'instance.resume': (command, { driver, onStep }) =>
    driver.resume({ ...changeRequest(command), bypassCache: command.body.bypassCache ?? false }, onStep),
  'instance.setMetadata': (command, { driver, onStep }) =>
    driver.setMetadata({ ...changeRequest(command), metadata: command.body.metadata }, onStep),
};
