import { CallAbandoned } from './abandoned.js';
import { settle, type Handle, type NativeHandle } from './handle.js';
import { libvirtError } from './libvirt-error.js';
import { addRegistration, forgetRegistration } from './registrations.js';

type Tell = (object: Handle, details: readonly unknown[]) => void;

/** What is registered in libvirt once, and shared by all the callbacks for it. */
export interface EventSource {
  /** Which event of which object; callbacks of the same key share. */
  readonly key: string;
  /** The kind of events, for ids are given back to the function that belongs to it. */
  readonly kind: string;
  /** The object that an event is about. */
  wrap(native: NativeHandle): Handle;
  enroll(registration: number): Promise<number>;
  dismiss(callbackID: number): Promise<number>;
}

interface Shared {
  readonly source: EventSource;
  readonly registration: number;
  readonly callbacks: Map<number, Tell>;
  /** libvirt's callback id, once it has one. */
  readonly registered: Promise<number>;
  /** Set when the last callback has gone and libvirt is being told. */
  leaving: Promise<void> | null;
}

const VIR_ERR_INVALID_ARG = 8;

/** The event registrations of one connection. Ids are its own, from 0, whatever the kind of event. */
export class EventRegistrations {
  readonly #shared = new Map<string, Shared>();
  readonly #whenClosed = new Set<() => void>();
  #nextId = 0;

  async add(source: EventSource, tell: Tell): Promise<number> {
    for (;;) {
      let shared = this.#shared.get(source.key);
      if (shared !== undefined && shared.leaving !== null) {
        await shared.leaving;
        continue;
      }
      const first = shared === undefined;
      shared ??= this.#register(source);
      const id = this.#nextId++;
      shared.callbacks.set(id, tell);
      try {
        await shared.registered;
        return id;
      } catch (error) {
        // Another caller's deadline passed, not ours.
        if (first || !(error instanceof CallAbandoned)) throw error;
      }
    }
  }

  /** The callback is not called any more from now on, whatever becomes of the promise. */
  async remove(kind: string, id: number): Promise<number> {
    for (const shared of this.#shared.values()) {
      if (shared.source.kind !== kind || !shared.callbacks.delete(id)) continue;
      if (shared.callbacks.size > 0) return 0;
      const left = this.#deregister(shared);
      shared.leaving = left.then(
        () => {},
        () => {},
      );
      await left;
      return 0;
    }
    const message = `invalid argument: no ${kind} event callback has the id ${id}`;
    throw new libvirtError(message, [VIR_ERR_INVALID_ARG, 0, message, 2, 'invalid argument: %s', null, null, -1, -1]);
  }

  /** Called once when the connection closes, unless taken back. */
  whenClosed(listener: () => void): () => void {
    this.#whenClosed.add(listener);
    return () => this.#whenClosed.delete(listener);
  }

  /** The connection closes: nothing is told any more. The addon deregisters in libvirt. */
  clear(): void {
    for (const shared of this.#shared.values()) forgetRegistration(shared.registration);
    this.#shared.clear();
    for (const listener of this.#whenClosed) listener();
    this.#whenClosed.clear();
  }

  #register(source: EventSource): Shared {
    const callbacks: Shared['callbacks'] = new Map();
    const registration = addRegistration((native, details) => {
      if (native === null) return;
      const object = source.wrap(native);
      for (const tell of [...callbacks.values()]) tellOne(() => tell(object, details));
    });
    const registered = settle(source.enroll(registration));
    const shared: Shared = { source, registration, callbacks, registered, leaving: null };
    this.#shared.set(source.key, shared);
    registered.catch(() => this.#forget(shared));
    return shared;
  }

  async #deregister(shared: Shared): Promise<void> {
    try {
      await settle(shared.source.dismiss(await shared.registered));
    } finally {
      this.#forget(shared);
    }
  }

  #forget(shared: Shared): void {
    forgetRegistration(shared.registration);
    if (this.#shared.get(shared.source.key) === shared) this.#shared.delete(shared.source.key);
  }
}

const ofConnection = new WeakMap<Handle, EventRegistrations>();

export function registrationsOf(conn: Handle): EventRegistrations {
  let registrations = ofConnection.get(conn);
  if (registrations === undefined) ofConnection.set(conn, (registrations = new EventRegistrations()));
  return registrations;
}

/** A callback that throws is an uncaught exception, as in any event listener, and does not keep the others from being told. */
function tellOne(tell: () => unknown): void {
  try {
    tell();
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}
