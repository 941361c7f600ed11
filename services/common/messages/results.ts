import { z } from 'zod';
import { ERROR_KINDS } from '../errors.js';
import { Diagnostics } from './diagnostics.js';
import { DiskImage, PrefetchedImage } from './images.js';
import { InstanceId, UserMetadata } from './instance-spec.js';
import { SpawnPlan } from './spawn-plan.js';
import { DesiredPowerState, PowerState } from './power-state.js';

export const InstanceState = z.strictObject({
  instanceId: InstanceId,
  powerState: PowerState.describe('What the hypervisor says now.'),
  domainName: z.string().describe("The libvirt domain's name on the host."),
  specHash: z.string().describe('v1:sha256 of the spec that it was made from.'),
  generation: z.int(),
  images: z.array(DiskImage).optional().describe('With a spawn: the images that were fetched for its disks, as they were.'),
});
export type InstanceState = z.infer<typeof InstanceState>;

export const DestroyResult = z.strictObject({
  instanceId: InstanceId,
  existed: z.boolean().describe('false: there was nothing to take away; that, too, is success.'),
  removed: z.array(z.string()).describe('What was taken away: domain, files.'),
  leftovers: z.array(z.string()).optional().describe('Files in its directory that the worker had not made and therefore left.'),
});
export type DestroyResult = z.infer<typeof DestroyResult>;

export const InstanceRecord = z.strictObject({
  committed: z.boolean().describe('false: its spawn has not come to its end.'),
  desiredPowerState: DesiredPowerState.describe('What the last command that changed it left it in, and where it belongs.'),
  autodestroy: z.boolean().describe("The guest ends with the worker's connection, and is not brought back."),
  rescued: z.boolean().optional().describe('true: it boots from a rescue image, with its own disks behind it, until instance.unrescue.'),
  missing: z
    .array(z.enum(['domain']))
    .optional()
    .describe('What somebody has taken away outside of novalet: its domain. It is off then, and can only be destroyed.'),
  requestId: z.string().describe('The request that made it.'),
  metadata: UserMetadata.describe("The user's metadata as it is now."),
});
export type InstanceRecord = z.infer<typeof InstanceRecord>;

export const ConsoleOutput = z.strictObject({
  text: z
    .string()
    .optional()
    .describe('The end of what the guest wrote on its first serial port, as UTF-8. Only in the reply, never in the event.'),
  bytes: z.int().describe('Bytes of the log that the text was made from.'),
  truncated: z.boolean().describe('true: the log holds more before it.'),
});
export type ConsoleOutput = z.infer<typeof ConsoleOutput>;

export const Snapshot = z.strictObject({
  file: z.string().describe('On the host: a qcow2 image that needs no other file.'),
  bytes: z.int(),
  sha256: z.string().describe('Of the file, in hexadecimal digits.'),
});
/** What a snapshot leaves. */
export interface SnapshotResult {
  readonly instance: InstanceState;
  readonly snapshot: z.infer<typeof Snapshot>;
}

export const ConsoleAddress = z
  .strictObject({
    vnc: z
      .strictObject({
        address: z.string().optional(),
        port: z.int().optional(),
        websocketPort: z.int().optional(),
        socket: z.string().optional().describe('A Unix socket of the host, in place of address and port.'),
      })
      .optional()
      .describe("The guest's screen. Absent: it has none."),
    serial: z
      .strictObject({
        path: z.string().optional().describe('A device of the host, such as /dev/pts/3.'),
        address: z.string().optional(),
        port: z.int().optional(),
      })
      .optional()
      .describe("The guest's first serial port. Absent: it has none."),
  })
  .describe('Where they are for this run of the guest.');
export type ConsoleAddress = z.infer<typeof ConsoleAddress>;

export const DrainState = z.strictObject({
  drained: z.boolean().describe('true: the host takes nothing from its work queue until it is undrained.'),
  since: z.string().optional().describe('RFC 3339.'),
  requestId: z.string().optional().describe('The request that drained it.'),
  reason: z.string().optional(),
});
export type DrainState = z.infer<typeof DrainState>;

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
  instance: InstanceState.optional().describe(
    'The instance as it stands; with every command that is done, except destroy, console and diagnostics.',
  ),
  plan: SpawnPlan.optional().describe('In place of the instance, with a spawn that was a dry run.'),
  destroyed: DestroyResult.optional().describe('With a destroy that is done.'),
  record: InstanceRecord.optional().describe('With a get that is done.'),
  console: ConsoleOutput.optional().describe('With a console that is done.'),
  snapshot: Snapshot.optional().describe('With a snapshot that is done.'),
  consoleAddress: ConsoleAddress.optional().describe('With a consoleAddress that is done.'),
  diagnostics: Diagnostics.optional().describe('With a diagnostics that is done.'),
  drain: DrainState.optional().describe('With a drain or undrain that is done.'),
  image: PrefetchedImage.optional().describe('With a prefetch that is done.'),
  error: ErrorReport.optional().describe('With outcome failed.'),
  finishedAt: z.iso.datetime(),
});
export type CommandResult = z.infer<typeof CommandResult>;
