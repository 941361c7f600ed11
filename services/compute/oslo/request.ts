import { createHash } from 'node:crypto';
import { shortString } from '../outgoing.js';
import type { Json } from './envelope.js';

/** Who waits for an answer. */
export interface Caller {
  readonly messageId: string;
  readonly queue: string;
  /** He gives up when he hears nothing for so many seconds; null: he does not listen for it. */
  readonly monitorSeconds: number | null;
}

/** What of the sender's context is of use here. Its token and its catalogue stay behind. */
export interface RequestContext {
  readonly requestId?: string;
  readonly globalRequestId?: string;
  readonly userId?: string;
  readonly projectId?: string;
}

/** What its listeners are told of a request. */
export interface Asking {
  readonly args: Json;
  /** Of this publication: a copy has it, too. */
  readonly uniqueId: string;
  readonly context: RequestContext;
}

/** A call or cast, as oslo.messaging's clients send them. */
export interface OsloRequest extends Asking {
  readonly method: string;
  readonly namespace: string | null;
  readonly version: string;
  /** Null: a cast, which nobody is ever to answer. */
  readonly caller: Caller | null;
}

/** A message that is no request, and who waits for it to be one. */
export interface Unread extends Pick<OsloRequest, 'uniqueId' | 'caller'> {
  readonly problem: string;
}

const VISIBLE = /^[\x21-\x7e]{1,128}$/;

/** Reads a request from its message; the words say why it is none. */
export function readRequest(message: Json, content: Buffer): OsloRequest | Unread {
  const uniqueId = uniqueIdOf(message['_unique_id'], content);
  const caller = callerOf(message);
  const none = (problem: string): Unread => ({ problem, uniqueId, caller });
  const { method, args = {}, namespace = null, version = '1.0' } = message;
  if (typeof method !== 'string' || method === '') return none('it names no method');
  if (args === null || typeof args !== 'object' || Array.isArray(args)) return none('its args are no object');
  if (namespace !== null && typeof namespace !== 'string') return none('its namespace is no text');
  if (typeof version !== 'string') return none('its version is no text');
  return {
    method,
    args: args as Json,
    namespace,
    version,
    uniqueId,
    caller,
    context: contextOf(message),
  };
}

/**
 * Who waits for the answer to a message that is too large or too deep to be parsed: where its text says so in one place and no other, for what else it
 * holds is anybody's.
 */
export function callerInText(content: Buffer): Pick<OsloRequest, 'uniqueId' | 'caller'> {
  const text = content.toString('utf8');
  const only = (name: string): string | undefined => {
    const found = [...text.matchAll(new RegExp(`"${name}\\\\?":\\s*\\\\?"([\\x21\\x23-\\x5b\\x5d-\\x7e]{1,255})\\\\?"`, 'g'))];
    return found.length === 1 ? found[0]?.[1] : undefined;
  };
  return {
    uniqueId: uniqueIdOf(only('_unique_id'), content),
    caller: callerOf({ _msg_id: only('_msg_id'), _reply_q: only('_reply_q') }),
  };
}

function uniqueIdOf(given: unknown, content: Buffer): string {
  return visible(given) ?? createHash('sha256').update(content).digest('hex').slice(0, 32);
}

function callerOf(message: Json): Caller | null {
  const messageId = visible(message['_msg_id']);
  const queue = shortString(message['_reply_q']);
  if (messageId === undefined || queue === undefined) return null;
  const timeout = message['_timeout'];
  return { messageId, queue, monitorSeconds: typeof timeout === 'number' && timeout >= 2 ? timeout : null };
}

function contextOf(message: Json): RequestContext {
  const [requestId, globalRequestId, userId, projectId] = ['request_id', 'global_request_id', 'user_id', 'project_id'].map((name) =>
    visible(message[`_context_${name}`]),
  );
  return {
    ...(requestId !== undefined && { requestId }),
    ...(globalRequestId !== undefined && { globalRequestId }),
    ...(userId !== undefined && { userId }),
    ...(projectId !== undefined && { projectId }),
  };
}

function visible(value: unknown): string | undefined {
  return typeof value === 'string' && VISIBLE.test(value) ? value : undefined;
}
