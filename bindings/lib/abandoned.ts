/**
 * Why a call is not waited for any more: its time was up ('TimeoutError') or its signal was aborted ('AbortError', with the signal's reason
 * as `cause`). libvirt may still be at it, and its outcome is unknown.
 */
export class CallAbandoned extends Error {
  override readonly name: 'TimeoutError' | 'AbortError';
  /** As in Node's own errors. */
  readonly code: 'ETIMEDOUT' | 'ABORT_ERR';

  constructor(name: 'TimeoutError' | 'AbortError', message: string, asked: { readonly stack?: string }, options?: ErrorOptions) {
    super(message, options);
    this.name = name;
    this.code = name === 'TimeoutError' ? 'ETIMEDOUT' : 'ABORT_ERR';
    // From where the calls were asked for, instead of the timer that noticed.
    const frames = asked.stack?.indexOf('\n    at ') ?? -1;
    if (asked.stack !== undefined && frames >= 0) this.stack = `${name}: ${message}${asked.stack.slice(frames)}`;
  }
}
