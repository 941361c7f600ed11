/**
 * Every field that a log line may have, and what it holds. Whoever searches logs finds a thing under one name everywhere; a name that is not
 * here does not compile.
 */
export const LOG_FIELDS = {
  instanceId: 'UUID of the instance that the line is about',
  command: 'type of the command, such as instance.spawn',
  messageId: 'message_id of the command',
  requestId: 'request that the command belongs to',
  outcome: 'done or failed',
  kind: 'kind of an error',
  reason: 'why, in a word or a few',
  error: 'message of an error, bounded; its stack where nobody knows better',
  queue: 'name of a queue',
  address: 'host and port, or a URL without its password',
  directory: 'path of a directory',
  signal: 'name of a signal',
  count: 'how many',
  attempt: 'which try it was, from 1',
  durationMs: 'how long it took, in milliseconds',
  version: 'version of the worker',
  phase: 'what a command is at',
  body: 'a command as it was sent, without what its schema says is secret',
} as const;
export type LogField = keyof typeof LOG_FIELDS;

type Numbers = 'count' | 'attempt' | 'durationMs';
export type LogFields = { readonly [F in LogField]?: (F extends Numbers ? number : F extends 'body' ? object : string) | undefined };
