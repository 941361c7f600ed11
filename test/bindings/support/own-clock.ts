import { readFileSync } from 'node:fs';

/**
 * Milliseconds, without those in which the main thread could have run but other processes had the processor: what it was kept by its own
 * work and its own locks can be told on a busy machine.
 */
export function ownClock(): number {
  const [, waited = '0'] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ');
  return performance.now() - Number(waited) / 1e6;
}

/** The longest times between two turns of Node's loop while `work` goes on, by that clock, the longest first. */
export async function longestTurns(work: () => Promise<unknown>): Promise<number[]> {
  const turns: number[] = [];
  let last = ownClock();
  const timer = setInterval(() => {
    const now = ownClock();
    turns.push(now - last);
    last = now;
  }, 1);
  try {
    await work();
    await new Promise((resolve) => setTimeout(resolve, 5));
  } finally {
    clearInterval(timer);
  }
  return turns.sort((a, b) => b - a).slice(0, 10);
}
