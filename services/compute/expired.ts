import { ComputeError, type ErrorDetails } from '../common/errors.js';
import type { Abandoned } from './ports.js';

type Remains = Pick<Abandoned, 'cleanedUp' | 'leftovers'>;
const NOTHING: Remains = { cleanedUp: [], leftovers: [] };

/** The answer to a command that is not begun any more, and what became of an attempt that had been cut off. */
export function expired(deadline: number, remains: Remains = NOTHING): ComputeError {
  const passed = `the deadline ${new Date(deadline).toISOString()} passed`;
  const { details, end } = remainsOf(remains);
  if (end === '') return new ComputeError('timeout', `${passed} before the command was begun; nothing was done for it now`);
  return new ComputeError('timeout', `${passed} after an attempt that was cut off; ${end}`, details);
}

/** What an attempt that was cut off had left, in words and as details; no words when it was nothing. */
export function remainsOf({ cleanedUp, leftovers }: Remains = NOTHING): { readonly details: ErrorDetails; readonly end: string } {
  if (cleanedUp.length === 0 && leftovers.length === 0) return { details: {}, end: '' };
  const end =
    leftovers.length > 0 ? 'not all that it had made could be taken away: destroy the instance' : 'what it had made is taken away';
  return { details: { cleanedUp, ...(leftovers.length > 0 && { leftovers }) }, end };
}
