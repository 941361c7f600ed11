import { pino, type Logger } from 'pino';

/**
 * Log lines are constant phrases; the facts are fields, named as here and nowhere otherwise. Text that a stranger wrote goes through
 * `bounded` first; JSON escapes it.
 */
export interface LogFields {
  readonly instanceId?: string | undefined;
  readonly command?: string;
  readonly messageId?: string;
  readonly requestId?: string;
  readonly outcome?: string;
  readonly kind?: string;
  readonly reason?: string;
  readonly error?: string;
  readonly queue?: string;
  readonly address?: string;
  readonly directory?: string;
  readonly signal?: string;
  readonly count?: number;
  readonly attempt?: number;
  readonly durationMs?: number;
  readonly version?: string;
}

export interface Log {
  debug(fields: LogFields, phrase: string): void;
  info(fields: LogFields, phrase: string): void;
  warn(fields: LogFields, phrase: string): void;
  error(fields: LogFields, phrase: string): void;
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** JSON lines on stdout. Should a secret ever get into a field, its name keeps it out of the log. */
export function createLog({ level, host }: { readonly level: LogLevel; readonly host: string }): Log {
  const log: Logger = pino({
    level,
    base: { host },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: ['url', 'password', '*.url', '*.password'], censor: '(not shown)' },
  });
  return log;
}
