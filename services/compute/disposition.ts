import type { ErrorKind } from '../common/errors.js';

/** What becomes of a message whose handler failed. */
export type Disposition = 'settle' | 'again' | 'settle-and-keep';

/**
 * Every kind is answered; the table says what becomes of the message. Only `again` runs it once more, in its lane, until its deadline.
 */
export const DISPOSITION: Readonly<Record<ErrorKind, Disposition>> = {
  // It may pass.
  unavailable: 'again',
  busy: 'again',
  // Answered, and the evidence kept on the dead-letter queue for a person.
  internal: 'settle-and-keep',
  // The failure is the answer.
  invalid: 'settle',
  'not-found': 'settle',
  'already-exists': 'settle',
  conflict: 'settle',
  precondition: 'settle',
  exhausted: 'settle',
  unsupported: 'settle',
  denied: 'settle',
  timeout: 'settle',
  cancelled: 'settle',
};

/** Whether the sender may send the same command again, unchanged, with hope. */
export const RETRYABLE: Readonly<Record<ErrorKind, boolean>> = {
  unavailable: true,
  busy: true,
  timeout: true,
  exhausted: true,
  cancelled: false,
  internal: false,
  invalid: false,
  'not-found': false,
  'already-exists': false,
  conflict: false,
  precondition: false,
  unsupported: false,
  denied: false,
};
