import { setTimeout as sleep } from 'node:timers/promises';

/** Whether `work` comes to its end within so many milliseconds; it is left to itself otherwise. Rejects as `work` does in that time. */
export async function endsWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  const waiting = new AbortController();
  const late = sleep(Math.max(0, ms), false, { signal: waiting.signal }).catch(() => true);
  const ended = work.then(() => true);
  try {
    return await Promise.race([ended, late]);
  } finally {
    waiting.abort();
    ended.catch(() => {}); // when it fails after all, nobody is listening any more
  }
}
