import { createHash } from 'node:crypto';
import type { Outgoing } from '../outgoing.js';
import { sealed } from './envelope.js';
import type { RemoteFailure } from './failures.js';
import type { Caller, OsloRequest } from './request.js';

export type Said = { readonly result: unknown } | { readonly failure: RemoteFailure };

/** The one answer to a call. A copy of it has the same id, so that its client takes it once. */
export function replyTo({ uniqueId }: Pick<OsloRequest, 'uniqueId'>, caller: Caller, said: Said): Outgoing {
  const failure = 'failure' in said ? writtenFailure(said.failure) : null;
  const result = 'result' in said ? (said.result ?? null) : null;
  return toCaller(caller, { result, failure, ending: true, _msg_id: caller.messageId, _unique_id: derivedId(uniqueId, 'reply') });
}

/** Sign of life while a call is worked on. */
export function heartbeatTo(caller: Caller, uniqueId: string): Outgoing {
  return toCaller(caller, { result: null, failure: null, ending: false, _msg_id: caller.messageId, _unique_id: uniqueId });
}

/** An id that follows from another one: 32 hexadecimal digits, as oslo.messaging has them. */
export function derivedId(uniqueId: string, ...parts: readonly string[]): string {
  return createHash('sha256')
    .update(JSON.stringify([uniqueId, ...parts]))
    .digest('hex')
    .slice(0, 32);
}

function toCaller({ queue }: Caller, message: object): Outgoing {
  return { ...OSLO_MESSAGE, exchange: '', routingKey: queue, mandatory: true, content: sealed(message) };
}

/** What every message of oslo.messaging has on the outside. */
export const OSLO_MESSAGE = { door: 'oslo', type: '', contentType: 'application/json', contentEncoding: 'utf-8' } as const;

/** No stack of ours goes out: it says nothing to whoever calls. */
function writtenFailure({ class: name, module, message, kwargs = {} }: RemoteFailure): string {
  return JSON.stringify({ class: name, module, message, tb: [`${module}.${name}: ${message}\n`], args: [message], kwargs });
}
