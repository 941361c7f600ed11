import { MESSAGE_VERSION, type Command, type CommandType } from '../common/messages/commands.js';
import type { ProgressEvent } from '../common/messages/progress.js';
import { EVENTS_EXCHANGE } from './amqp/names.js';
import type { Delivery } from './delivery.js';
import { shortString, type Outgoing } from './outgoing.js';
import type { Answer } from './result.js';

/** The reply to whoever asked; null when the message names nobody. */
export function replyMessage({ properties }: Delivery, answer: Answer): Outgoing | null {
  const replyTo = shortString(properties.replyTo);
  if (replyTo === undefined) return null;
  const correlationId = shortString(properties.correlationId) ?? shortString(properties.messageId);
  return { ...written(answer), exchange: '', routingKey: replyTo, mandatory: true, correlationId };
}

/** The event for everybody else, without what concerns only who asked: a console may show a password. */
export function eventMessage(answer: Answer): Outgoing {
  const correlationId = shortString(answer.result.messageId);
  return {
    ...written(withoutConsoleText(answer)),
    exchange: EVENTS_EXCHANGE,
    routingKey: eventKey(answer),
    mandatory: false,
    correlationId,
  };
}

/**
 * `instance.<id>.<verb>.<done|failed>`, `host.<verb>.<done|failed>` for a command about the host, or `command.rejected` when it is not known what or
 * whom the message was about.
 */
export function eventKey({ type, result }: Answer): string {
  if (type === null) return 'command.rejected';
  if (!type.startsWith('instance.')) return `${type}.${result.outcome}`;
  return result.instanceId === undefined ? 'command.rejected' : `instance.${result.instanceId}.${verbOf(type)}.${result.outcome}`;
}

/** How far a command has come, beside where its result will be: the key of the result with `progress` in place of its outcome. */
export function progressMessage({ type, messageId }: Command, event: ProgressEvent): Outgoing {
  return {
    exchange: EVENTS_EXCHANGE,
    routingKey: event.instanceId === undefined ? `${type}.progress` : `instance.${event.instanceId}.${verbOf(type)}.progress`,
    mandatory: false,
    content: Buffer.from(JSON.stringify(event)),
    type: `${type}.progress`,
    contentType: 'application/json',
    correlationId: shortString(messageId),
    headers: { version: MESSAGE_VERSION },
  };
}

function withoutConsoleText(answer: Answer): Answer {
  if (answer.result.console === undefined) return answer;
  const { text: _text, ...console } = answer.result.console;
  return { ...answer, result: { ...answer.result, console } };
}

function verbOf(type: CommandType): string {
  return type.slice(type.indexOf('.') + 1);
}

function written({ type, result }: Answer): Pick<Outgoing, 'content' | 'type' | 'contentType' | 'headers' | 'timestamp'> {
  return {
    content: Buffer.from(JSON.stringify(result)),
    type: type === null ? 'command.result' : `${type}.result`,
    contentType: 'application/json',
    headers: { version: MESSAGE_VERSION },
    timestamp: Math.floor(Date.parse(result.finishedAt) / 1000),
  };
}
