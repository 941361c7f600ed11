import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { takeAwayAfter, type TakeAway } from '../support/take-away.js';
import type { Outcome, Step, Wait } from './step.js';

/** Debian's own: the one that python3-libvirt belongs to. */
const PYTHON = '/usr/bin/python3';
const SCRIPT = fileURLToPath(new URL('../../../test/differential/python/python_side.py', import.meta.url));

/** A scenario with nothing left to choose. */
export interface Order {
  readonly uri: string;
  readonly directory: string;
  readonly steps: readonly (Step | Wait)[];
}

/** Public names of a module of libvirt-python. */
export interface Surface {
  readonly constants: Readonly<Record<string, unknown>>;
  readonly functions: readonly string[];
  readonly classes: Readonly<Record<string, readonly string[]>>;
}

export interface PythonSide {
  run(order: Order): Promise<Outcome[]>;
  surface(): Promise<Record<'libvirt' | 'qemu' | 'lxc', Surface>>;
}

/** libvirt-python in a process of its own, for this test or file. */
export function withPythonSide(t: TakeAway): PythonSide {
  const child = spawn(PYTHON, ['-I', SCRIPT], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  takeAwayAfter(t, async () => {
    child.stdin.end();
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  const ask = async <T>(order: unknown): Promise<T> => {
    child.stdin.write(`${JSON.stringify(order)}\n`);
    const answer = await lines.next();
    if (answer.done === true) throw new Error('libvirt-python ended in the middle of a scenario');
    return JSON.parse(answer.value) as T;
  };
  return { run: ask, surface: () => ask('surface') };
}
