import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface Script {
  readonly pid: number;
  /** The next line of its output; null at the end. */
  line(): Promise<string | null>;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  kill(): void;
}

/** Runs a module of JavaScript in a process of its own; its stderr is this process's. */
export function runScript(source: string, { env = {} } = {}): Script {
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise<number | string>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
  return {
    pid: child.pid ?? 0,
    ended,
    line: async () => {
      const next = await lines.next();
      return next.done === true ? null : next.value;
    },
    kill: () => child.kill('SIGKILL'),
  };
}
