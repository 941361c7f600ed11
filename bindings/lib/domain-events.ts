import { handleOf, settle, wrapObject } from './handle.js';
import { libvirtError } from './libvirt-error.js';
import { native } from './native.js';
import { addRegistration, forgetRegistration } from './registrations.js';
import type { virConnect } from '../generated/classes/virConnect.js';
import type { virDomain } from '../generated/classes/virDomain.js';

/** Told of a life-cycle event: `event` is one of VIR_DOMAIN_EVENT_..., `detail` one of VIR_DOMAIN_EVENT_<event>_... */
export type DomainLifecycleCallback<T> = (conn: virConnect, dom: virDomain, event: number, detail: number, opaque: T) => unknown;

const VIR_ERR_INVALID_ARG = 8;

/** One registration in libvirt for an event and an object, shared by all the callbacks for them. */
interface Shared {
  readonly registration: number;
  readonly callbacks: Map<number, (dom: virDomain, event: number, detail: number) => unknown>;
  /** libvirt's callback id, once it has one. */
  readonly registered: Promise<number>;
  /** Set when the last callback has gone and libvirt is being told. */
  leaving: Promise<void> | null;
}

/** The event registrations of one connection. */
export class DomainEvents {
  readonly #conn: virConnect;
  readonly #shared = new Map<string, Shared>();
  #nextId = 0;

  constructor(conn: virConnect) {
    this.#conn = conn;
  }

  async add<T>(dom: virDomain | null, eventID: number, cb: DomainLifecycleCallback<T>, opaque: T): Promise<number> {
    if (typeof cb !== 'function') throw new TypeError('virConnectDomainEventRegisterAny: cb must be a function');
    const key = `${eventID} ${dom === null || dom === undefined ? 'any' : native.virDomainGetUUIDString(handleOf(dom))}`;
    let shared = this.#shared.get(key);
    while (shared !== undefined && shared.leaving !== null) {
      await shared.leaving;
      shared = this.#shared.get(key);
    }
    shared ??= this.#register(key, dom, eventID);
    const id = this.#nextId++;
    shared.callbacks.set(id, (domain, event, detail) => cb(this.#conn, domain, event, detail, opaque));
    await shared.registered;
    return id;
  }

  async remove(id: number): Promise<number> {
    for (const [key, shared] of this.#shared) {
      if (!shared.callbacks.delete(id)) continue;
      if (shared.callbacks.size > 0) return 0;
      const left = this.#deregister(key, shared);
      shared.leaving = left.then(
        () => {},
        () => {},
      );
      await left;
      return 0;
    }
    const message = `invalid argument: no domain event callback has the id ${id}`;
    throw new libvirtError(message, [VIR_ERR_INVALID_ARG, 0, message, 2, 'invalid argument: %s', null, null, -1, -1]);
  }

  /** The connection closes: nothing is told any more. The addon deregisters in libvirt. */
  clear(): void {
    for (const shared of this.#shared.values()) forgetRegistration(shared.registration);
    this.#shared.clear();
  }

  #register(key: string, dom: virDomain | null, eventID: number): Shared {
    const callbacks: Shared['callbacks'] = new Map();
    const registration = addRegistration((object, [event = 0, detail = 0]) => {
      if (object === null) return;
      const domain = wrapObject('virDomain', this.#conn, object);
      for (const tell of [...callbacks.values()]) tellOne(() => tell(domain, event, detail));
    });
    const registered = settle(native.virConnectDomainEventRegisterAny(handleOf(this.#conn), handleOf(dom), eventID, registration));
    const shared: Shared = { registration, callbacks, registered, leaving: null };
    this.#shared.set(key, shared);
    registered.catch(() => {
      forgetRegistration(registration);
      if (this.#shared.get(key) === shared) this.#shared.delete(key);
    });
    return shared;
  }

  async #deregister(key: string, shared: Shared): Promise<void> {
    try {
      const callbackId = await shared.registered;
      await settle(native.virConnectDomainEventDeregisterAny(handleOf(this.#conn), callbackId));
    } finally {
      forgetRegistration(shared.registration);
      if (this.#shared.get(key) === shared) this.#shared.delete(key);
    }
  }
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
