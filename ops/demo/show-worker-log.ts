import { follow } from './follow.js';
import type { Narrator } from './narrator.js';
import type { RunningWorker } from './private-host.js';

/** Fields that every line has, or that people need not see here. */
const LEFT_OUT = new Set(['level', 'time', 'host', 'msg', 'instanceId', 'messageId', 'requestId']);

/** Shows the worker's log lines as they come, until the function that it gives is called. */
export function showWorkerLog(narrator: Narrator, { process }: RunningWorker): () => void {
  const end = new AbortController();
  const show = async (): Promise<void> => {
    for await (const line of follow(process.logFile, end.signal)) narrator.quote('worker', readable(line));
  };
  show().catch((error: unknown) => narrator.say(`the worker's log cannot be read: ${String(error)}`));
  return () => end.abort();
}

function readable(line: string): string {
  try {
    const { msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
    const facts = Object.entries(fields).filter(([name]) => !LEFT_OUT.has(name));
    return [String(msg), ...facts.map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)].join(
      '  ',
    );
  } catch {
    return line; // not a log line: a stack, or a word of Node's
  }
}
