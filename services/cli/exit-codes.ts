import type { ErrorKind } from '../common/errors.js';

/** What the command line leaves with, by what went wrong. docs/cli.md has it for people; a number never changes its meaning. */
export const EXIT_CODE: Readonly<Record<ErrorKind, number>> = {
  internal: 1,
  invalid: 2,
  'not-found': 3,
  'already-exists': 4,
  conflict: 5,
  precondition: 6,
  busy: 7,
  exhausted: 8,
  unsupported: 9,
  denied: 10,
  timeout: 11,
  cancelled: 12,
  unavailable: 13,
};

export const DONE = 0;
/** --timeout is over, and what was waited for goes on. */
export const STILL_GOING = 20;
/** SIGINT, as a shell counts it. */
export const INTERRUPTED = 130;
