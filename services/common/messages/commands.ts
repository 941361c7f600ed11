import { z } from 'zod';
import { InstanceId, InstanceSpec, StartOptions } from './instance-spec.js';

/** The one version of the message format that this worker speaks; the AMQP header `version`. */
export const MESSAGE_VERSION = 1;

const Common = {
  deadline: z.iso
    .datetime({ offset: true })
    .optional()
    .describe(
      "When the sender stops caring (RFC 3339). Past it the command is answered, not run. Absent: the worker's default from the moment of sending.",
    ),
  requestId: z
    .string()
    .regex(/^[\x21-\x7e]{1,128}$/, { error: 'a request id has 1 to 128 printable ASCII characters' })
    .optional()
    .describe('Follows the request through logs, metadata and answers. Absent: the message id.'),
};

const Generation = z
  .int()
  .min(1)
  .max(2 ** 31 - 1)
  .optional();

export const SpawnBody = z.strictObject({
  ...Common,
  generation: Generation.describe('Raise it to use an instance id again after its destroy. Default 1.'),
  instance: InstanceSpec,
  start: StartOptions.optional(),
});
export type SpawnBody = z.infer<typeof SpawnBody>;

export const DestroyBody = z.strictObject({
  ...Common,
  generation: Generation.describe(
    'The last generation that this destroy ends; spawns up to it stay down. Default: the one that exists, or 1.',
  ),
  instance: z.strictObject({ id: InstanceId }),
});
export type DestroyBody = z.infer<typeof DestroyBody>;

/** Every command the worker takes, by the AMQP property `type`. */
export const COMMAND_BODIES = {
  'instance.spawn': SpawnBody,
  'instance.destroy': DestroyBody,
} as const;
export type CommandType = keyof typeof COMMAND_BODIES;
export type CommandBody<T extends CommandType> = z.infer<(typeof COMMAND_BODIES)[T]>;

/** What every command has, whatever its type. */
export interface CommandOf<T extends CommandType> {
  readonly type: T;
  /** AMQP message_id: the idempotency key. */
  readonly messageId: string;
  readonly requestId: string;
  readonly body: CommandBody<T>;
  /** Absolute time after which it is answered, not run; milliseconds since the epoch. */
  readonly deadline: number;
}
export type Command = { [T in CommandType]: CommandOf<T> }[CommandType];
