import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const fileOf = (name: string): string => fileURLToPath(new URL(`../../examples/${name}.js`, import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs an example to its end. */
export async function runExample(name: string, ...args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [fileOf(name), ...args], { stdio: ['ignore', 'pipe', 'pipe'], timeout: 30_000 });
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  return { code, output, errors };
}

/** An example that stays until it is told to go. */
export interface Running {
  /** Resolves with the first line that matches; rejects when the example ends before. */
  line(pattern: RegExp): Promise<string>;
  write(data: string): void;
  /** Ends its input, or interrupts it; resolves with its exit code. */
  end(how: 'input' | 'SIGINT'): Promise<number | null>;
}

/** Starts an example. */
export function startExample(name: string, ...args: readonly string[]): Running {
  const child = spawn(process.execPath, [fileOf(name), ...args], { stdio: ['pipe', 'pipe', 'inherit'], timeout: 60_000 });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    line: async (pattern) => {
      for (let next = await lines.next(); next.done !== true; next = await lines.next()) if (pattern.test(next.value)) return next.value;
      throw new Error(`${name} ended without a line like ${pattern}`);
    },
    write: (data) => void child.stdin.write(data),
    end: async (how) => {
      if (how === 'SIGINT') child.kill('SIGINT');
      child.stdin.end();
      const [code] = await exited;
      return code;
    },
  };
}
