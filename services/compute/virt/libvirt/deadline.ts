import { setMaxListeners } from 'node:events';
import { ComputeError } from '../../../common/errors.js';

/** Settles as `promise` does, or rejects with `late()` after `ms`, which may be Infinity. The promise itself is left to itself. */
export async function within<T>(promise: Promise<T>, ms: number, late: () => Error): Promise<T> {
  if (ms === Infinity) return promise;
  let timer: NodeJS.Timeout | undefined;
  const lateness = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), Math.max(0, ms));
  });
  try {
    return await Promise.race([promise, lateness]);
  } finally {
    clearTimeout(timer);
    promise.catch(() => {}); // when it fails after all, nobody is listening any more
  }
}

/** Milliseconds left until `deadline`; throws when it has passed. */
export function timeLeft(deadline: number, what: string): number {
  const left = deadline - Date.now();
  if (left <= 0) throw new ComputeError('timeout', `${what}: the deadline has passed`);
  return left;
}

/** A signal that is aborted when `signal` is or the deadline comes, with what `late` makes as the reason. `end` when it is needed no more. */
export function untilDeadline(
  deadline: number,
  signal: AbortSignal | undefined,
  late: () => Error,
): { signal: AbortSignal; end: () => void } {
  const passed = new AbortController();
  const timer = setTimeout(() => passed.abort(late()), Math.max(0, deadline - Date.now()));
  const either = signal ? AbortSignal.any([signal, passed.signal]) : passed.signal;
  setMaxListeners(0, either); // every disk and step listens
  return { signal: either, end: () => clearTimeout(timer) };
}

export const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A delay that does not keep the process alive. */
export const idleDelay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref());
