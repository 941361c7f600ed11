import { z } from 'zod';
import { ERROR_KINDS } from '../errors.js';
import { InstanceId } from './instance-spec.js';

/** The hypervisor's word on a guest, by nova's names (nova/compute/power_state.py). */
export const PowerState = z.enum(['pending', 'running', 'paused', 'shutdown', 'crashed', 'suspended']);
export type PowerState = z.infer<typeof PowerState>;

export const InstanceState = z.strictObject({
  instanceId: InstanceId,
  powerState: PowerState.describe('What the hypervisor says now.'),
  domainName: z.string().describe("The libvirt domain's name on the host."),
  specHash: z.string().describe('v1:sha256 of the spec that it was made from.'),
  generation: z.int(),
});
export type InstanceState = z.infer<typeof InstanceState>;

export const DestroyResult = z.strictObject({
  instanceId: InstanceId,
  existed: z.boolean().describe('false: there was nothing to take away; that, too, is success.'),
  removed: z.array(z.string()).describe('What was taken away: domain, files.'),
  leftovers: z.array(z.string()).optional().describe('Files in its directory that the worker had not made and therefore left.'),
});
export type DestroyResult = z.infer<typeof DestroyResult>;

export const ErrorReport = z.strictObject({
  kind: z.enum(ERROR_KINDS),
  message: z.string(),
  retryable: z.boolean().describe('true: the same command may succeed later.'),
  field: z.string().optional().describe('The field that is wrong, as a path.'),
  step: z.string().optional().describe('The step that failed.'),
  libvirt: z.strictObject({ code: z.int(), domain: z.int(), function: z.string().optional() }).optional(),
  cleanedUp: z.array(z.string()).optional().describe('What the attempt took away again.'),
  leftovers: z.array(z.string()).optional().describe('What it had to leave.'),
});
export type ErrorReport = z.infer<typeof ErrorReport>;

/** The answer to a command: the body of the reply, and of the event that always goes out. */
export const CommandResult = z.strictObject({
  command: z.string().describe("The command's type; empty when it could not be read."),
  messageId: z.string().describe("The command's message_id; empty when it had none."),
  requestId: z.string(),
  host: z.string().describe('The worker that answers.'),
  instanceId: z.string().optional(),
  outcome: z.enum(['done', 'failed']),
  instance: InstanceState.optional().describe('With a spawn that is done.'),
  destroyed: DestroyResult.optional().describe('With a destroy that is done.'),
  error: ErrorReport.optional().describe('With outcome failed.'),
  finishedAt: z.iso.datetime(),
});
export type CommandResult = z.infer<typeof CommandResult>;
