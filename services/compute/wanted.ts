import { setTimeout as delay } from 'node:timers/promises';

/** How long a call to libvirt that nobody wants any more is still waited for: most end in that time, and then it is known how. */
const SETTLE_MS = 500;

/** What `run` gives; or the signal's reason as soon as nobody wants it any more, and what is under way is left to itself. */
export async function whileWanted<T>(signal: AbortSignal | undefined, run: () => Promise<T>): Promise<T> {
  if (!signal) return run();
  signal.throwIfAborted();
  let onAbort: (() => void) | undefined;
  const calledOff = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', (onAbort = () => reject(signal.reason as Error)), { once: true });
  });
  const work = run();
  try {
    return await Promise.race([work, calledOff]);
  } finally {
    if (onAbort) signal.removeEventListener('abort', onAbort);
    work.catch(() => {}); // when it fails after all, nobody is listening any more
  }
}

/** The same for what cannot be stopped and would be in the way of taking it back: it gets a moment to end. */
export async function settledWhileWanted<T>(signal: AbortSignal | undefined, run: () => Promise<T>): Promise<T> {
  let work: Promise<T> | undefined;
  try {
    return await whileWanted(signal, () => (work = run()));
  } catch (error) {
    if (signal?.aborted && work) await Promise.race([work.catch(() => {}), delay(SETTLE_MS)]);
    throw error;
  }
}
