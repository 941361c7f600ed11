import type { ComputeError } from '../common/errors.js';
import { instanceIdOf, type Command, type CommandType } from '../common/messages/commands.js';
import type { CommandResult, ErrorReport } from '../common/messages/results.js';
import { bounded } from './bounded.js';
import type { Rejection } from './decode.js';
import type { Delivery } from './delivery.js';
import { RETRYABLE } from './disposition.js';
import type { Done } from './handlers/handlers.js';

/** A command's answer, and the words that route it. */
export interface Answer {
  readonly result: CommandResult;
  /** Null when the message was no command that we know. */
  readonly type: CommandType | null;
}

const MAX_MESSAGE = 2000;

export function doneAnswer(command: Command, host: string, done: Done): Answer {
  return { type: command.type, result: { ...head(command, host), outcome: 'done', ...done, finishedAt: new Date().toISOString() } };
}

export function failedAnswer(command: Command, host: string, error: ComputeError): Answer {
  const result: CommandResult = { ...head(command, host), outcome: 'failed', error: report(error), finishedAt: new Date().toISOString() };
  return { type: command.type, result };
}

/** The answer to what never was a command, with as much of it as could be read. */
export function rejectedAnswer(delivery: Delivery, host: string, rejection: Rejection): Answer {
  const { kind, message, field, type, instanceId } = rejection;
  const messageId = bounded(delivery.properties.messageId);
  const result: CommandResult = {
    command: type ?? bounded(delivery.properties.type),
    messageId,
    requestId: messageId,
    host,
    ...(instanceId === null ? {} : { instanceId }),
    outcome: 'failed',
    error: { kind, message, retryable: RETRYABLE[kind], ...(field === undefined ? {} : { field }) },
    finishedAt: new Date().toISOString(),
  };
  return { type, result };
}

function head(command: Command, host: string): Pick<CommandResult, 'command' | 'messageId' | 'requestId' | 'host' | 'instanceId'> {
  const { type, messageId, requestId } = command;
  const instanceId = instanceIdOf(command);
  return { command: type, messageId, requestId, host, ...(instanceId !== undefined && { instanceId }) };
}

function report({ kind, message, details }: ComputeError): ErrorReport {
  const { field, step, libvirt, cleanedUp, leftovers } = details;
  return {
    kind,
    message: bounded(message, MAX_MESSAGE),
    retryable: RETRYABLE[kind],
    ...(field === undefined ? {} : { field }),
    ...(step === undefined ? {} : { step }),
    ...(libvirt === undefined ? {} : { libvirt: { ...libvirt } }),
    ...(cleanedUp === undefined ? {} : { cleanedUp: [...cleanedUp] }),
    ...(leftovers === undefined ? {} : { leftovers: [...leftovers] }),
  };
}
