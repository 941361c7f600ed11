import { ComputeError, type ErrorDetails } from '../common/errors.js';
import { makesInstance, type Command } from '../common/messages/commands.js';
import type { Abandoned } from './ports.js';

export type Remains = Pick<Abandoned, 'cleanedUp' | 'leftovers'>;
const NOTHING: Remains = { cleanedUp: [], leftovers: [] };
/** All that there may be, where nobody could look. */
const ANYTHING: Remains['leftovers'] = ['guest', 'domain', 'files'];

/**
 * The answer to a command that is not begun any more, and what became of an attempt that had been cut off.
 * @param hasCalledOff the command that it had ended when it came
 */
export function expired(
  deadline: number,
  { hasCalledOff, ...more }: Partial<Remains> & { hasCalledOff?: string | undefined } = {},
): ComputeError {
  const passed = `the deadline ${new Date(deadline).toISOString()} passed`;
  const { details, end } = remainsOf({ ...NOTHING, ...more });
  const done = hasCalledOff === undefined ? 'nothing was done for it now' : `it had called off ${hasCalledOff}, and nothing more was done`;
  if (end === '') return new ComputeError('timeout', `${passed} before the command was begun; ${done}`);
  return new ComputeError('timeout', `${passed} after an attempt that was cut off; ${end}`, details);
}

/** The answer to a command whose deadline comes while it is under way, or while a spawn that was cut off before waits to be seen to. */
export function overdue(command: Command): ComputeError {
  const passed = `the deadline ${new Date(command.deadline).toISOString()} passed`;
  if (!makesInstance(command))
    return new ComputeError('timeout', `${passed} while the command was under way, and what becomes of it is not known yet: look later`);
  const words = `${passed}, and what there is of the instance is still to be taken away; it is, as soon as the hypervisor lets it`;
  return new ComputeError('timeout', words, { leftovers: ANYTHING });
}

/** What an attempt that was cut off had left, in words and as details; no words when it was nothing. */
export function remainsOf({ cleanedUp, leftovers }: Remains = NOTHING): { readonly details: ErrorDetails; readonly end: string } {
  if (cleanedUp.length === 0 && leftovers.length === 0) return { details: {}, end: '' };
  const end =
    leftovers.length > 0 ? 'not all that it had made could be taken away: destroy the instance' : 'what it had made is taken away';
  return { details: { cleanedUp, ...(leftovers.length > 0 && { leftovers }) }, end };
}

/** The failure that ends a spawn, with what became of an attempt of it that had been cut off before. */
export function withRemains(error: ComputeError, remains?: Remains): ComputeError {
  const { details, end } = remainsOf(remains);
  if (end === '') return error;
  const cleanedUp = [...new Set([...(error.details.cleanedUp ?? []), ...(details.cleanedUp ?? [])])];
  const words = `${error.message}; an attempt had been cut off before, and ${end}`;
  return new ComputeError(error.kind, words, { ...error.details, ...details, cleanedUp }, { cause: error.cause });
}

/** The failure that ends a spawn when nobody could see what is left of it. */
export function mayHaveLeft(error: ComputeError, trouble: ComputeError): ComputeError {
  // Destroyed, or none of its business.
  if (trouble.kind === 'conflict' || trouble.kind === 'precondition') return error;
  const words = `${error.message}; what an attempt that was cut off may have left could not be looked for: destroy the instance`;
  return new ComputeError(error.kind, words, { ...error.details, leftovers: ANYTHING }, { cause: error.cause });
}

/** The failure that ends a destroy that was begun and could not come to its end, with a little more time. */
export function halfGone(error: ComputeError): ComputeError {
  const words = `${error.message}; not all of the instance is gone: destroy it again`;
  return new ComputeError(error.kind, words, { ...error.details, leftovers: ANYTHING }, { cause: error.cause });
}
