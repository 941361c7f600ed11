import { z } from 'zod';
import { InstanceId } from './instance-spec.js';
import { DesiredPowerState, PowerState } from './power-state.js';

/** The message type, and the word in the routing key: `instance.<id>.state.<state>`. */
export const STATE_EVENT = 'instance.state';

/** A power state, or what became of an instance that has none any more. */
export const WatchedState = z.enum([...PowerState.options, 'missing', 'gone']);
export type WatchedState = z.infer<typeof WatchedState>;

/** Body of the event that tells of every change of an instance, whoever made it. */
export const InstanceStateEvent = z.strictObject({
  host: z.string(),
  instanceId: InstanceId,
  generation: z.int().optional().describe('Absent: neither domain nor journal says.'),
  state: WatchedState.describe(
    'The power state; missing: its domain was taken away outside of novalet; gone: nothing of it is on the host any more.',
  ),
  previous: WatchedState.optional().describe('What was last told or known. Absent: the worker had not known of it.'),
  reason: z.string().optional().describe("The hypervisor's word: started, shutdown (by the guest), destroyed, crashed, saved, io-error …"),
  inBand: z.boolean().describe('The worker was at work on it, for a command or to bring it back, and most likely did it.'),
  desiredPowerState: DesiredPowerState.optional().describe('Where the last command left it, and where it belongs.'),
  asDesired: z
    .boolean()
    .optional()
    .describe('Whether it is where it belongs. Absent: not looked at yet; an event that says false follows if it is not.'),
  epoch: z.iso.datetime().describe('When the worker started. Another one: list the instances anew.'),
  sequence: z.int().describe('Counts the events of this epoch from 1, without gaps.'),
  at: z.iso.datetime().describe('When the worker noticed.'),
});
export type InstanceStateEvent = z.infer<typeof InstanceStateEvent>;
