import { bounded } from './bounded.js';
import type { Log } from './log.js';

const PART_MS = 5000;
const HELD_MS = 2000;

/**
 * Ends one part of the worker. A part that fails or takes too long is told in the log, and keeps no other from ending. `boundMs` is null for
 * the part that bounds itself.
 */
export async function end(log: Log, part: string, close: () => Promise<void> | void, boundMs: number | null = PART_MS): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    if (boundMs !== null) timer = setTimeout(() => reject(new Error(`no end within ${boundMs / 1000} s`)), boundMs);
  });
  try {
    await Promise.race([close(), late]);
  } catch (error) {
    log.warn({ reason: part, error: bounded(error instanceof Error ? error.message : error) }, 'part of the worker did not end');
  } finally {
    clearTimeout(timer);
  }
}

/** Ends the process, with its exit code, should a thread, socket or timer keep it alive when all is said and done. */
export function leaveEvenIfHeld(): void {
  setTimeout(() => process.exit(), HELD_MS).unref();
}
