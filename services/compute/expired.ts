import { ComputeError } from '../common/errors.js';
import type { Abandoned } from './ports.js';

const NOTHING = { cleanedUp: [], leftovers: [] };

/** The answer to a command that is not begun any more, and what became of an attempt that had been cut off. */
export function expired(deadline: number, { cleanedUp, leftovers }: Pick<Abandoned, 'cleanedUp' | 'leftovers'> = NOTHING): ComputeError {
  const passed = `the deadline ${new Date(deadline).toISOString()} passed`;
  if (cleanedUp.length === 0 && leftovers.length === 0) {
    return new ComputeError('timeout', `${passed} before the command was begun; nothing was done for it now`);
  }
  const details = { cleanedUp, ...(leftovers.length > 0 && { leftovers }) };
  const end =
    leftovers.length > 0 ? 'not all that it had made could be taken away: destroy the instance' : 'what it had made is taken away';
  return new ComputeError('timeout', `${passed} after an attempt that was cut off; ${end}`, details);
}
