import { z } from 'zod';
import { InstanceId } from './instance-spec.js';

/** How far a command has come: the body of a progress event. */
export const ProgressEvent = z.strictObject({
  command: z.string().describe("The command's type."),
  messageId: z.string().describe("The command's message_id."),
  requestId: z.string(),
  host: z.string().describe('The worker that is at it.'),
  instanceId: InstanceId.optional(),
  phase: z.string().describe('What it is at: a step, or a part of one.'),
  bytes: z.int().min(0).optional().describe('Done so far.'),
  totalBytes: z.int().min(0).optional().describe('To do in all, as far as anybody knows yet.'),
  percent: z.int().min(0).max(100).optional().describe('Of this phase.'),
  at: z.iso.datetime(),
});
export type ProgressEvent = z.infer<typeof ProgressEvent>;
