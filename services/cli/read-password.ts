import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { invalid } from './failure.js';
import type { Surroundings } from './surroundings.js';

const MAX = 4096;

/** A password never stands on a command line, where everybody on the machine may read it: the first line of what comes in, typed unseen at a terminal. */
export async function readPassword({ stdin, stderr, interrupted }: Surroundings): Promise<string> {
  const terminal = (stdin as { isTTY?: boolean }).isTTY === true;
  if (terminal) stderr.write('Password: ');
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: stdin, output: nowhere, terminal });
  const end = (): void => lines.close();
  lines.on('SIGINT', end); // a terminal of its own takes the key before the system does
  interrupted.addEventListener('abort', end, { once: true });
  try {
    for await (const line of lines)
      if (line.length > 0 && line.length <= MAX) return line;
      else break;
  } finally {
    interrupted.removeEventListener('abort', end);
    lines.close();
    if (terminal) stderr.write('\n');
  }
  throw invalid('no password came on standard input', 'Type one, or pipe it in: printf %s "$PASSWORD" | novalet instance set-password …');
}
