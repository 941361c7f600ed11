import { setTimeout as delay } from 'node:timers/promises';

/**
 * Asks again until the answer is other than undefined or false.
 * @throws Error naming `what`, with the last failure as its cause, when `timeoutMs` is over
 */
export async function waitUntil<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  { timeoutMs = 30_000, everyMs = 25 } = {},
): Promise<T> {
  const end = Date.now() + timeoutMs;
  let cause: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (Date.now() > end) throw new Error(`${what}: not within ${timeoutMs / 1000} s`, { cause });
    await delay(everyMs);
  }
}
