import { beforePassed, currentDeadline, outsideDeadlines } from './deadline.js';
import { settle, type Handle, type NativeHandle } from './handle.js';
import { libvirtError } from './libvirt-error.js';
import { native } from './native.js';
import { addRegistration, forgetRegistration } from './registrations.js';
import { uncaught } from './uncaught.js';

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
  /** All who waited for libvirt to register it gave up: until it has, the process need not wait for it either. */
  givenUp: boolean;
  /** libvirt has answered. */
  settled: boolean;
}

const VIR_ERR_INVALID_ARG = 8;

/** The event registrations of one connection. Ids are its own, from 0, whatever the kind of event. */
export class EventRegistrations {
  readonly #shared = new Map<string, Shared>();
  readonly #whenClosed = new Set<() => void>();
  #nextId = 0;

  async add(source: EventSource, tell: Tell): Promise<number> {
    const deadline = currentDeadline();
    let shared = this.#shared.get(source.key);
    while (shared !== undefined && shared.leaving !== null) {
      await beforePassed(deadline, shared.leaving);
      shared = this.#shared.get(source.key);
    }
    shared ??= this.#register(source);
    const id = this.#nextId++;
    shared.callbacks.set(id, tell);
    keep(shared);
    try {
      await beforePassed(deadline, shared.registered);
      return id;
    } catch (error) {
      shared.callbacks.delete(id);
      if (shared.callbacks.size === 0) giveUp(shared);
      throw error;
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
    // Under no deadline: libvirt refuses the same registration again while one is on its way, so whoever comes later must share this one.
    const registered = settle(outsideDeadlines(() => source.enroll(registration)));
    const shared: Shared = { source, registration, callbacks, registered, leaving: null, givenUp: false, settled: false };
    this.#shared.set(source.key, shared);
    registered.then(
      () => {
        shared.settled = true;
        if (shared.givenUp) this.#takeBack(shared);
      },
      () => {
        shared.settled = true;
        keep(shared);
        this.#forget(shared);
      },
    );
    return shared;
  }

  /** Nobody waits for it any more, and here it is. */
  #takeBack(shared: Shared): void {
    keep(shared);
    shared.leaving = this.#deregister(shared).catch(() => {});
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

function giveUp(shared: Shared): void {
  if (shared.givenUp || shared.settled) return;
  shared.givenUp = true;
  native.hold(false);
}

/** Somebody wants it again, or it is there. */
function keep(shared: Shared): void {
  if (!shared.givenUp) return;
  shared.givenUp = false;
  native.hold(true);
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
    uncaught(error);
  }
}
