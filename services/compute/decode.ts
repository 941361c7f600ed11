import type { z } from 'zod';
import type { ErrorKind } from '../common/errors.js';
import { COMMAND_BODIES, MESSAGE_VERSION, type Command, type CommandType } from '../common/messages/commands.js';
import { InstanceId } from '../common/messages/instance-spec.js';
import { schemaWords, withoutRepeats } from '../common/messages/schema-words.js';
import { bounded } from './bounded.js';
import type { Delivery } from './delivery.js';
import { duplicateKey } from './duplicate-keys.js';

/** Largest message body taken, in bytes. */
export const MAX_BODY_BYTES = 1024 * 1024;

/** Why a message never became a command; the header x-novalet-reason on the dead-letter queue, and a metric label. */
export const REJECTION_REASONS = [
  'no-message-id',
  'unknown-type',
  'unknown-version',
  'content-type',
  'content-encoding',
  'too-large',
  'malformed-json',
  'schema',
] as const;
export type RejectionReason = (typeof REJECTION_REASONS)[number];

/** A message that cannot be a command, and what could be read of it all the same. */
export interface Rejection {
  readonly reason: RejectionReason;
  readonly kind: ErrorKind;
  readonly message: string;
  readonly field?: string;
  /** Only when it is one of ours. */
  readonly type: CommandType | null;
  readonly instanceId: string | null;
}

export interface DecodeOptions {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** How long a command without a deadline may take, from the moment of sending; milliseconds. */
  readonly defaultDeadlineMs: number;
  /** No command may be in hand for longer, whatever its sender says; milliseconds. */
  readonly maxDeadlineMs: number;
}

export type Decoded = { readonly command: Command } | { readonly rejection: Rejection };

/** Printable ASCII, as the message id becomes the correlation id of the answer and the default request id. */
const MESSAGE_ID = /^[\x21-\x7e]{1,255}$/;
const MESSAGE_ID_AS_REQUEST_ID = /^[\x21-\x7e]{1,128}$/;

/** A message as a command, or why it is none. Never throws: what a stranger sends is data. */
export function decode(delivery: Delivery, options: DecodeOptions): Decoded {
  const type = commandType(delivery.properties.type);
  const parsed = parseBody(delivery);
  const instanceId = 'value' in parsed ? readInstanceId(parsed.value) : null;
  const reject = (problem: Problem): Decoded => ({ rejection: { ...problem, type, instanceId } });

  const problem = problemOfEnvelope(delivery);
  if (problem) return reject(problem);
  if ('problem' in parsed) return reject(parsed.problem);
  if (type === null) return reject(unknownType(delivery.properties.type));

  const body = COMMAND_BODIES[type].safeParse(parsed.value, { reportInput: false, error: schemaWords });
  if (!body.success) return reject(schemaProblem(body.error));
  const messageId = delivery.properties.messageId as string;
  const requestId = body.data.requestId ?? (MESSAGE_ID_AS_REQUEST_ID.test(messageId) ? messageId : messageId.slice(0, 128));
  const deadline = deadlineOf(body.data.deadline, delivery.properties.timestamp, options);
  // The table of bodies ties the type to its body, which the compiler cannot follow through a union.
  return { command: { type, messageId, requestId, body: body.data, deadline } as Command };
}

type Problem = Pick<Rejection, 'reason' | 'kind' | 'message' | 'field'>;

function commandType(type: unknown): CommandType | null {
  return typeof type === 'string' && Object.hasOwn(COMMAND_BODIES, type) ? (type as CommandType) : null;
}

function problemOfEnvelope({ properties }: Delivery): Problem | null {
  const { messageId, headers } = properties;
  if (messageId === undefined || messageId === '') {
    return {
      reason: 'no-message-id',
      kind: 'invalid',
      message: 'the property message_id is missing; set it to an id of its own for every command',
    };
  }
  if (typeof messageId !== 'string' || !MESSAGE_ID.test(messageId)) {
    return {
      reason: 'no-message-id',
      kind: 'invalid',
      message: 'the property message_id holds something else than 1 to 255 printable ASCII characters',
    };
  }
  if (commandType(properties.type) === null) return unknownType(properties.type);
  const version = headers?.['version'];
  if (version !== MESSAGE_VERSION) {
    return {
      reason: 'unknown-version',
      kind: version === undefined ? 'invalid' : 'unsupported',
      message:
        version === undefined
          ? `the header version is missing; set it to the number ${MESSAGE_VERSION}`
          : typeof version === 'string'
            ? `the header version is the string ${bounded(JSON.stringify(version), 40)}; set it to the number ${MESSAGE_VERSION}`
            : `the header version is ${bounded(version, 40)}; this worker speaks version ${MESSAGE_VERSION}`,
    };
  }
  return null;
}

function unknownType(type: unknown): Problem {
  const known = Object.keys(COMMAND_BODIES).join(', ');
  return type === undefined || type === ''
    ? { reason: 'unknown-type', kind: 'invalid', message: `the property type is missing; it is one of ${known}` }
    : { reason: 'unknown-type', kind: 'unsupported', message: `the property type is ${bounded(type, 80)}; this worker knows ${known}` };
}

/** Both when it is JSON that no schema can have. */
type Parsed = { readonly value: unknown } | { readonly problem: Problem; readonly value?: unknown };

function parseBody({ content, properties }: Delivery): Parsed {
  const { contentType, contentEncoding } = properties;
  if (content.length > MAX_BODY_BYTES) {
    const message = `the body has ${content.length} bytes; at most ${MAX_BODY_BYTES} are taken`;
    return { problem: { reason: 'too-large', kind: 'invalid', message } };
  }
  if (contentType !== undefined && !/^application\/json *(;|$)/i.test(bounded(contentType))) {
    const message = `the property content_type is ${bounded(contentType, 80)}; bodies are application/json`;
    return { problem: { reason: 'content-type', kind: 'unsupported', message } };
  }
  if (contentEncoding !== undefined && !/^(utf-?8|identity)?$/i.test(bounded(contentEncoding))) {
    const message = `the property content_encoding is ${bounded(contentEncoding, 80)}; bodies are sent as they are, in UTF-8`;
    return { problem: { reason: 'content-encoding', kind: 'unsupported', message } };
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(content);
    const parsed = MAY_NAME_PROTOTYPE.test(text) ? parsedWithoutPrototype(text) : { value: JSON.parse(text) as unknown };
    return 'problem' in parsed ? parsed : parsedWithoutDuplicates(text, parsed.value);
  } catch (error) {
    const words = error instanceof SyntaxError ? bounded(error.message) : error instanceof RangeError ? 'nested too deeply' : 'not UTF-8';
    return { problem: { reason: 'malformed-json', kind: 'invalid', message: `the body is not JSON in UTF-8: ${words}` } };
  }
}

/** An underscore may be written as an escape. */
const MAY_NAME_PROTOTYPE = /__proto__|\\u005f/i;

/** `__proto__` is the one key that means something else to JavaScript than to everybody else, so it never reaches a schema. */
function parsedWithoutPrototype(text: string): Parsed {
  let named = false;
  const value: unknown = JSON.parse(text, (key, inner: unknown) => {
    if (key === '__proto__') named = true;
    return inner;
  });
  return named
    ? { value, problem: { reason: 'schema', kind: 'invalid', message: 'the body has the key __proto__, which no schema has' } }
    : { value };
}

function parsedWithoutDuplicates(text: string, value: unknown): Parsed {
  const path = duplicateKey(text);
  if (path === null) return { value };
  const [field, key] = [bounded(pathWords(path), 300), bounded(path.at(-1), 80)];
  return { value, problem: { reason: 'schema', kind: 'invalid', message: `${field}: the body has the key ${key} twice there`, field } };
}

function readInstanceId(body: unknown): string | null {
  const instance = (body as { instance?: unknown } | null)?.instance;
  const id = InstanceId.safeParse((instance as { id?: unknown } | null | undefined)?.id);
  return id.success ? id.data : null;
}

const MAX_ISSUES = 5;

function schemaProblem(error: z.ZodError): Problem {
  const issues = withoutRepeats(error.issues).map((issue) => ({ field: bounded(fieldPath(issue), 300), message: bounded(issue.message) }));
  const shown = issues.slice(0, MAX_ISSUES).map(({ field, message }) => (field === '' ? message : `${field}: ${message}`));
  const more = issues.length > MAX_ISSUES ? `; and ${issues.length - MAX_ISSUES} more` : '';
  const field = issues[0]?.field;
  return { reason: 'schema', kind: 'invalid', message: `${shown.join('; ')}${more}`, ...(field ? { field } : {}) };
}

/** As a person would write it: `instance.disks[0].image`. An unknown key is the field, not its parent. */
function fieldPath(issue: z.core.$ZodIssue): string {
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path;
  return pathWords(path);
}

function pathWords(path: readonly PropertyKey[]): string {
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index > 0 ? '.' : ''}${String(part)}`)).join('');
}

/** By the body, else counted from the sending (AMQP timestamp, when it makes sense), and never so far that the broker takes the message back. */
function deadlineOf(given: string | undefined, timestamp: unknown, { now, defaultDeadlineMs, maxDeadlineMs }: DecodeOptions): number {
  const sent = typeof timestamp === 'number' && timestamp > 0 ? Math.min(timestamp * 1000, now) : now;
  const wanted = given === undefined ? sent + defaultDeadlineMs : Date.parse(given);
  return Math.min(wanted, now + maxDeadlineMs);
}
