/** Fields that every line has, or that people need not see here. */
const LEFT_OUT = new Set(['level', 'time', 'host', 'msg', 'instanceId', 'messageId', 'requestId']);

/** A line of the worker's log for people: the phrase, then the facts. */
export function workerWords(line: string): string {
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
