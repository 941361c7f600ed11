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

const VISIBLE = /^[\x21-\x7e]{1,128}$/;

/** Reads a request from its message; the words say why it is none. */
export function readRequest(message: Json, content: Buffer): OsloRequest | { readonly problem: string } {
  const { method, args = {}, namespace = null, version = '1.0' } = message;
  if (typeof method !== 'string' || method === '') return { problem: 'it names no method' };
  if (args === null || typeof args !== 'object' || Array.isArray(args)) return { problem: 'its args are no object' };
  if (namespace !== null && typeof namespace !== 'string') return { problem: 'its namespace is no text' };
  if (typeof version !== 'string') return { problem: 'its version is no text' };
  const given = visible(message['_unique_id']);
  return {
    method,
    args: args as Json,
    namespace,
    version,
    uniqueId: given ?? createHash('sha256').update(content).digest('hex').slice(0, 32),
    caller: callerOf(message),
    context: contextOf(message),
  };
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
