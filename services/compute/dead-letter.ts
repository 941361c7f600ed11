import type { ErrorKind } from '../common/errors.js';
import { DEAD_EXCHANGE } from './amqp/names.js';
import { bounded } from './bounded.js';
import { MAX_BODY_BYTES, REJECTION_REASONS } from './decode.js';
import type { Delivery } from './delivery.js';
import { shortString, type Outgoing } from './outgoing.js';

/** Why a message lies on the dead-letter queue: it was no command, or its handling is a riddle for a person. */
export const DEAD_LETTER_REASONS = [...REJECTION_REASONS, 'delivery-limit', 'internal'] as const;
export type DeadLetterReason = (typeof DEAD_LETTER_REASONS)[number];

export interface Cause {
  readonly reason: DeadLetterReason;
  readonly kind: ErrorKind;
  readonly message: string;
}

/** One AMQP frame holds all headers, and brokers take frames of 128 KiB: strangers' headers that leave no room are left out. */
const MAX_HEADER_BYTES = 64 * 1024;

/**
 * A copy of the message for the dead-letter queue, with the reason in its headers. Not copied: CC and BCC (they would send it elsewhere),
 * user_id (the broker refuses other people's), expiration (evidence does not expire) and the broker's count of deliveries.
 */
export function deadLetter(delivery: Delivery, host: string, { reason, kind, message }: Cause): Outgoing {
  const { properties, content, exchange, routingKey } = delivery;
  const truncated = content.length > MAX_BODY_BYTES;
  return {
    exchange: DEAD_EXCHANGE,
    routingKey,
    mandatory: false,
    content: truncated ? content.subarray(0, MAX_BODY_BYTES) : content,
    type: shortString(properties.type) ?? '',
    contentType: shortString(properties.contentType),
    contentEncoding: shortString(properties.contentEncoding),
    correlationId: shortString(properties.correlationId),
    messageId: shortString(properties.messageId),
    replyTo: shortString(properties.replyTo),
    appId: shortString(properties.appId),
    timestamp: Number.isSafeInteger(properties.timestamp) ? (properties.timestamp as number) : undefined,
    headers: {
      ...strangersHeaders(properties.headers),
      'x-novalet-reason': reason,
      'x-novalet-kind': kind,
      'x-novalet-message': bounded(message, 1000),
      'x-novalet-host': host,
      'x-novalet-exchange': exchange,
      'x-novalet-routing-key': routingKey,
      'x-novalet-time': new Date().toISOString(),
      'x-novalet-delivery-count': delivery.deliveryCount,
      ...(truncated ? { 'x-novalet-truncated-bytes': content.length } : {}),
    },
  };
}

/** The same letter with our headers alone, for headers that cannot be written again as they were read. */
export function withoutStrangersHeaders(letter: Outgoing): Outgoing {
  const ours = Object.entries(letter.headers ?? {}).filter(([name]) => name.startsWith('x-novalet-'));
  return { ...letter, headers: { ...Object.fromEntries(ours), 'x-novalet-headers': 'not writable, left out' } };
}

/** What the sender wrote: neither what would send the copy elsewhere, nor what the broker or an earlier dead-lettering of it wrote. */
function strangersHeaders(headers: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const { CC: _cc, BCC: _bcc, 'x-delivery-count': _count, ...others } = headers;
  const rest = Object.fromEntries(Object.entries(others).filter(([name]) => !name.startsWith('x-novalet-')));
  return Buffer.byteLength(JSON.stringify(rest)) <= MAX_HEADER_BYTES ? rest : { 'x-novalet-headers': 'too large, left out' };
}
