import { connectionOf, handleOf, settle, type Handle } from './handle.js';
import { libvirtError } from './libvirt-error.js';
import { native } from './native.js';
import { addRegistration, forgetRegistration } from './registrations.js';

const VIR_ERR_OPERATION_INVALID = 55;

/**
 * Who wants to know when a connection is lost. libvirt has one callback a connection: it is shared by the caller's own and by all that wait
 * for what a lost connection will never tell.
 */
export class ConnectionLoss {
  readonly #waiting = new Set<() => void>();
  #own: ((reason: number) => unknown) | null = null;
  #registration: number | null = null;
  #registered: Promise<unknown> | null = null;
  #lost = false;

  constructor(private readonly conn: Handle) {}

  /** Calls once, when the connection is lost or was before. Drivers that cannot tell do not. The result takes it back. */
  watch(listener: () => void): () => void {
    if (this.#lost) {
      queueMicrotask(listener);
      return () => {};
    }
    this.#waiting.add(listener);
    this.#register().catch(() => {});
    return () => this.#waiting.delete(listener);
  }

  /** The caller's own callback, which keeps the connection and the process. */
  async own(tell: (reason: number) => unknown): Promise<number> {
    if (this.#own !== null) throw refusal('A close callback is already registered');
    this.#own = tell;
    kept.add(this);
    native.hold(true);
    try {
      await this.#register();
      return 0;
    } catch (error) {
      this.#disown();
      throw error;
    }
  }

  async disown(): Promise<number> {
    if (this.#own === null && this.#registered !== null) throw refusal('A close callback is not registered');
    this.#disown();
    if (this.#waiting.size > 0) return 0;
    await this.#registered?.catch(() => {});
    this.#forget();
    return settle(native.virConnectUnregisterCloseCallback(handleOf(this.conn)));
  }

  /** The connection closes: nothing is told any more. The addon ends the registration. */
  clear(): void {
    this.#waiting.clear();
    this.#disown();
    this.#forget();
  }

  #disown(): void {
    if (this.#own === null) return;
    this.#own = null;
    kept.delete(this);
    native.hold(false);
  }

  #register(): Promise<unknown> {
    if (this.#registered !== null) return this.#registered;
    const weak = new WeakRef(this);
    const registration = addRegistration((_, [reason]) => {
      const self = weak.deref();
      if (self !== undefined) self.#told(reason as number);
    });
    forgotten.register(this, registration);
    const registered = settle(native.virConnectRegisterCloseCallback(handleOf(this.conn), registration));
    this.#registration = registration;
    this.#registered = registered;
    registered.catch(() => {
      if (this.#registered === registered) this.#forget();
    });
    return registered;
  }

  #forget(): void {
    if (this.#registration !== null) forgetRegistration(this.#registration);
    this.#registration = null;
    this.#registered = null;
  }

  #told(reason: number): void {
    this.#lost = true;
    const own = this.#own;
    this.#disown();
    for (const listener of [...this.#waiting]) listener();
    this.#waiting.clear();
    own?.(reason);
  }
}

const kept = new Set<ConnectionLoss>();
const forgotten = new FinalizationRegistry(forgetRegistration);
const ofConnection = new WeakMap<Handle, ConnectionLoss>();

/** That of the connection which the object came from. */
export function lossOf(object: Handle): ConnectionLoss {
  const conn = connectionOf(object);
  let loss = ofConnection.get(conn);
  if (loss === undefined) ofConnection.set(conn, (loss = new ConnectionLoss(conn)));
  return loss;
}

function refusal(what: string): libvirtError {
  const message = `Requested operation is not valid: ${what}`;
  return new libvirtError(message, [VIR_ERR_OPERATION_INVALID, 0, message, 2, 'Requested operation is not valid: %s', what, null, -1, -1]);
}
