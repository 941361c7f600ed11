import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Inbox } from './inbox.js';
import { takeAwayAfter, type TakeAway } from './take-away.js';

/** Debian's, which has Debian's oslo.messaging. */
export const PYTHON = '/usr/bin/python3';
const clients = fileURLToPath(new URL('../../../test/clients/python/', import.meta.url));

export interface Order {
  readonly do: 'call' | 'cast' | 'nova';
  readonly method: string;
  readonly args?: object;
  /** A cast for each of these, in place of `args`. */
  readonly each?: readonly object[];
  readonly namespace?: string;
  readonly version?: string;
  readonly timeout?: number;
  readonly monitor?: number;
  readonly fanout?: boolean;
}

export interface PythonAnswer {
  readonly result?: unknown;
  readonly error?: string;
  readonly classes?: readonly string[];
  /** The class of nova's that caught it. */
  readonly caught?: string;
}

interface PythonOptions {
  readonly server?: string;
  /** Where modules are that Debian's Python does not have. */
  readonly library?: string | undefined;
}

/** A client in Python; it ends when its standard input does. */
export class OsloPython {
  readonly #answers = new Inbox<PythonAnswer>();
  #stderr = '';

  private constructor(private readonly child: ReturnType<typeof spawn>) {
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    if (child.stdout) createInterface({ input: child.stdout }).on('line', (line) => this.#answers.push(JSON.parse(line) as PythonAnswer));
    child.once('close', () => this.#answers.push({ error: `the client ended:\n${this.#stderr.slice(-2000)}` }));
  }

  static start(t: TakeAway, script: string, url: string, { server = 'host-1', library }: PythonOptions = {}): OsloPython {
    const rabbit = url.replace(/^amqp:/, 'rabbit:');
    const env = { ...process.env, ...(library !== undefined && { PYTHONPATH: library, PYTHONDONTWRITEBYTECODE: '1' }) };
    const child = spawn(PYTHON, [`${clients}${script}`, rabbit, server], { stdio: ['pipe', 'pipe', 'pipe'], env });
    const ended = new Promise((resolve) => child.once('close', resolve));
    takeAwayAfter(t, async () => {
      child.stdin.end();
      await ended;
    });
    return new OsloPython(child);
  }

  async tell(order: Order): Promise<PythonAnswer> {
    this.child.stdin?.write(`${JSON.stringify(order)}\n`);
    return this.#answers.next();
  }
}
