import { pino, type Logger } from 'pino';
import { instanceIdOf, type Command } from '../common/messages/commands.js';
import type { LogFields } from './log-fields.js';

export type { LogFields } from './log-fields.js';

/** Log lines are constant phrases; the facts are fields. Text that a stranger wrote goes through `bounded` first; JSON escapes it. */
export interface Log {
  /** Whether debug lines are written: what is costly to say is not made for nobody. */
  readonly debugs?: boolean;
  debug(fields: LogFields, phrase: string): void;
  info(fields: LogFields, phrase: string): void;
  warn(fields: LogFields, phrase: string): void;
  error(fields: LogFields, phrase: string): void;
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** JSON lines on stdout. Should a secret ever get into a field, its name keeps it out of the log. */
export function createLog({ level, host }: { readonly level: LogLevel; readonly host: string }): Log {
  const logger: Logger = pino({
    level,
    base: { host },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: ['url', 'password', '*.url', '*.password'], censor: '(not shown)' },
  });
  return {
    debugs: logger.isLevelEnabled('debug'),
    debug: (fields, phrase) => logger.debug(fields, phrase),
    info: (fields, phrase) => logger.info(fields, phrase),
    warn: (fields, phrase) => logger.warn(fields, phrase),
    error: (fields, phrase) => logger.error(fields, phrase),
  };
}

/** What every line about a command has. */
export function fieldsOf(command: Command): LogFields {
  const { type, messageId, requestId } = command;
  const instanceId = instanceIdOf(command);
  return { command: type, messageId, requestId, ...(instanceId !== undefined && { instanceId }) };
}
