import { CallAbandoned } from './abandoned.js';
import { native } from './native.js';
import { nameOf } from './value-names.js';

export interface DeadlineOptions {
  /** Milliseconds. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

/** How long some calls are waited for. */
export class Deadline {
  /** Under this number the addon knows the calls. */
  readonly #scope = nextScope++;
  readonly #listeners = new Set<(reason: CallAbandoned) => void>();
  #reason: CallAbandoned | null = null;

  /** Why it has passed; null while it has not. */
  get reason(): CallAbandoned | null {
    return this.#reason;
  }

  /** The calls that `begin` makes before it returns belong to this deadline. */
  run<T>(begin: () => T): T {
    const outer = current;
    Deadline.#enter(this);
    try {
      return begin();
    } finally {
      Deadline.#enter(outer);
    }
  }

  static outside<T>(begin: () => T): T {
    const outer = current;
    Deadline.#enter(null);
    try {
      return begin();
    } finally {
      Deadline.#enter(outer);
    }
  }

  static #enter(deadline: Deadline | null): void {
    current = deadline;
    native.enterScope(deadline === null ? 0 : deadline.#scope);
  }

  pass(reason: CallAbandoned): void {
    if (this.#reason !== null) return;
    this.#reason = reason;
    native.abandonScope(this.#scope, reason);
    for (const listener of [...this.#listeners]) listener(reason);
  }

  /** Told once when it passes. The result takes it back. */
  whenPassed(listener: (reason: CallAbandoned) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The functions that its calls wait for, as messages name them. */
  unanswered(): string {
    const names = native.callsOfScope(this.#scope);
    return names.length === 0 ? 'libvirt' : [...new Set(names)].join(', ');
  }

  /** All is done; what is left of it takes nothing. */
  close(): void {
    native.closeScope(this.#scope);
  }
}

let nextScope = 1;
let current: Deadline | null = null;

/** The deadline of the call that is being made; null when it may take for ever. */
export function currentDeadline(): Deadline | null {
  return current;
}

/** Makes the calls of `begin` under a deadline that was current before, or under none. */
export function under<T>(deadline: Deadline | null, begin: () => T): T {
  return deadline === null ? begin() : deadline.run(begin);
}

/** Makes the calls of `begin` under none, for more than who asked for them may wait for them. */
export function outsideDeadlines<T>(begin: () => T): T {
  return Deadline.outside(begin);
}

/** What comes of the promise, or the deadline's reason when it passes before. @throws CallAbandoned */
export async function beforePassed<T>(deadline: Deadline | null, promise: Promise<T>): Promise<T> {
  if (deadline === null) return promise;
  if (deadline.reason !== null) throw deadline.reason;
  let leave = (): void => {};
  const passed = new Promise<never>((_, reject) => {
    leave = deadline.whenPassed(reject);
  });
  try {
    return await Promise.race([promise, passed]);
  } finally {
    leave();
  }
}

/**
 * Waits for the calls that `call` makes, but not for ever: `await withDeadline({ timeout: 5000 }, () => dom.create())`.
 *
 * When the time is up or the signal is aborted, the promise is rejected at once, and so are the promises of the calls themselves. A call that
 * had not begun, because others of its connection were under way, is never made. A call that libvirt is at cannot be stopped: it goes on
 * by itself, its outcome is unknown, and until it ends it counts as `abandoned` in poolStats() and no longer keeps the process.
 *
 * Only calls that `call` makes before it returns or first awaits are meant by that; what it makes later goes on, though it is not waited for.
 * @throws CallAbandoned its name is 'TimeoutError' or 'AbortError'
 * @throws RangeError for a timeout that is no number of milliseconds
 */
export async function withDeadline<T>(options: DeadlineOptions, call: () => T | Promise<T>): Promise<T> {
  checkDeadline(options, call);
  const { timeout, signal } = options;
  // The reason is made when the time is up, where nobody's caller is on the stack.
  const asked: { stack?: string } = {};
  Error.captureStackTrace(asked, withDeadline);
  if (signal?.aborted === true) throw aborted(signal, null, asked);
  const deadline = new Deadline();
  const leave: (() => void)[] = [() => deadline.close()];
  try {
    const passed = new Promise<never>((_, reject) => leave.push(deadline.whenPassed(reject)));
    const outer = current;
    if (outer !== null) leave.push(outer.whenPassed((reason) => deadline.pass(reason)));
    if (timeout !== undefined && timeout <= LONGEST) {
      const timer = setTimeout(() => deadline.pass(late(deadline, timeout, asked)), timeout);
      leave.push(() => clearTimeout(timer));
    }
    if (signal !== undefined) {
      const abort = (): void => deadline.pass(aborted(signal, deadline, asked));
      signal.addEventListener('abort', abort, { once: true });
      leave.push(() => signal.removeEventListener('abort', abort));
    }
    return await Promise.race([deadline.run(call), passed]);
  } finally {
    for (const one of leave) one();
  }
}

/** The longest that Node's timers wait; longer is for ever. */
const LONGEST = 2 ** 31 - 1;

function late(deadline: Deadline, timeout: number, asked: { readonly stack?: string }): CallAbandoned {
  return new CallAbandoned(
    'TimeoutError',
    `${deadline.unanswered()} did not answer within ${timeout} ms; the call was given up, and its outcome is unknown`,
    asked,
  );
}

function aborted(signal: AbortSignal, deadline: Deadline | null, asked: { readonly stack?: string }): CallAbandoned {
  const cause: unknown = signal.reason;
  const timedOut = cause instanceof Error && cause.name === 'TimeoutError';
  const who = deadline?.unanswered() ?? 'libvirt';
  const message = timedOut ? `${who} did not answer in time` : `the wait for ${who} was aborted`;
  return new CallAbandoned(
    timedOut ? 'TimeoutError' : 'AbortError',
    `${message}; the call was given up, and its outcome is unknown`,
    asked,
    { cause },
  );
}

/** @throws TypeError, RangeError for what a caller without types may give */
function checkDeadline(options: unknown, call: unknown): asserts options is DeadlineOptions {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`withDeadline: options must be an object with timeout or signal, not ${nameOf(options)}`);
  }
  const { timeout, signal } = options as { timeout?: unknown; signal?: unknown };
  if (timeout !== undefined && !(typeof timeout === 'number' && timeout >= 0)) {
    throw new RangeError(`withDeadline: timeout must be a number of milliseconds, not ${nameOf(timeout)}`);
  }
  checkSignal('withDeadline', signal);
  if (typeof call !== 'function') throw new TypeError(`withDeadline: call must be a function, not ${nameOf(call)}`);
}

/** @throws TypeError for a signal that is none */
export function checkSignal(function_: string, signal: unknown): void {
  if (signal === undefined || signal instanceof AbortSignal) return;
  throw new TypeError(`${function_}: signal must be an AbortSignal, not ${nameOf(signal)}`);
}
