import type { Surroundings } from './surroundings.js';

/** This process's own. The first SIGINT or SIGTERM asks, the second ends it. */
export function ownSurroundings(): Surroundings {
  const interrupt = new AbortController();
  const onSignal = (signal: NodeJS.Signals, number: number): void => {
    if (interrupt.signal.aborted) process.exit(128 + number);
    interrupt.abort(new Error(signal));
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  // A pipe whose reader left is told by the write that fails; without a listener the process would die of it.
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  const { stdin, stdout, stderr, env } = process;
  return { stdin, stdout, stderr, env, interrupted: interrupt.signal };
}
