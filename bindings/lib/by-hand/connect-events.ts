import { checkObject, handleOf, wrapObject, type Handle, type NativeHandle } from '../handle.js';
import { ConnectLookups } from './connect/lookups.js';
import { checkSignal } from '../deadline.js';
import { EventQueue } from '../event-queue.js';
import { lossOf } from '../connection-loss.js';
import { registrationsOf } from '../event-registrations.js';
import { libvirtError } from '../libvirt-error.js';
import { native } from '../native.js';
import { nameOf } from '../value-names.js';
import type {
  DetailsOf,
  DomainEventCallback,
  Events,
  NetworkEventCallback,
  NodeDeviceEventCallback,
  SecretEventCallback,
  StoragePoolEventCallback,
} from '../event-callbacks.js';
import type {
  DomainEventDetails,
  NetworkEventDetails,
  NodeDeviceEventDetails,
  SecretEventDetails,
  StoragePoolEventDetails,
} from '../../generated/events.js';
import type { virConnect } from '../../generated/classes/virConnect.js';
import type { virDomain } from '../../generated/classes/virDomain.js';
import type { virNetwork } from '../../generated/classes/virNetwork.js';
import type { virNodeDevice } from '../../generated/classes/virNodeDevice.js';
import type { virSecret } from '../../generated/classes/virSecret.js';
import type { virStoragePool } from '../../generated/classes/virStoragePool.js';

interface Kind {
  readonly name: string;
  readonly className: 'virDomain' | 'virNetwork' | 'virStoragePool' | 'virNodeDevice' | 'virSecret';
  readonly enroll: typeof native.virConnectDomainEventRegisterAny;
  readonly dismiss: typeof native.virConnectDomainEventDeregisterAny;
  /** What the methods call the object. */
  readonly argument: string;
  /** What tells the objects apart. */
  readonly identify: (object: NativeHandle | null) => string;
}

const DOMAIN: Kind = {
  name: 'domain',
  className: 'virDomain',
  argument: 'dom',
  enroll: native.virConnectDomainEventRegisterAny,
  dismiss: native.virConnectDomainEventDeregisterAny,
  identify: (object) => native.virDomainGetUUIDString(object),
};
const NETWORK: Kind = {
  name: 'network',
  className: 'virNetwork',
  argument: 'net',
  enroll: native.virConnectNetworkEventRegisterAny,
  dismiss: native.virConnectNetworkEventDeregisterAny,
  identify: (object) => native.virNetworkGetUUIDString(object),
};
const STORAGE_POOL: Kind = {
  name: 'storage pool',
  className: 'virStoragePool',
  argument: 'pool',
  enroll: native.virConnectStoragePoolEventRegisterAny,
  dismiss: native.virConnectStoragePoolEventDeregisterAny,
  identify: (object) => native.virStoragePoolGetUUIDString(object),
};
const NODE_DEVICE: Kind = {
  name: 'node device',
  className: 'virNodeDevice',
  argument: 'dev',
  enroll: native.virConnectNodeDeviceEventRegisterAny,
  dismiss: native.virConnectNodeDeviceEventDeregisterAny,
  identify: (object) => native.virNodeDeviceGetName(object),
};
const SECRET: Kind = {
  name: 'secret',
  className: 'virSecret',
  argument: 'secret',
  enroll: native.virConnectSecretEventRegisterAny,
  dismiss: native.virConnectSecretEventDeregisterAny,
  identify: (object) => native.virSecretGetUUIDString(object),
};

export interface EventsOptions {
  /** Ends the loop, which is left by the signal's reason. */
  readonly signal?: AbortSignal;
}

type LifecycleCallback = DomainEventCallback<0, unknown>;

/** The events of a connection and of all that is on it. */
export abstract class ConnectEvents extends ConnectLookups {
  /** Callbacks of domainEventRegister, with their opaques; null while there are none. */
  #legacy: { readonly callbacks: Map<LifecycleCallback, unknown>; readonly id: Promise<number> } | null = null;

  /**
   * Has `cb` called for every such event. Several callbacks may be registered for the same. The process does not end by itself while any
   * is. An error thrown by the callback is an uncaught exception.
   * @param dom only events of this domain; null for all
   * @param eventID VIR_DOMAIN_EVENT_ID_...
   * @param cb called as cb(conn, dom, ...details, opaque); DomainEventDetails has the details of each event
   * @param opaque handed to the callback as it is
   * @returns the id for domainEventDeregisterAny
   * @throws libvirtError
   * @see virConnectDomainEventRegisterAny, since libvirt 0.8.0
   */
  domainEventRegisterAny<E extends number, T = undefined>(
    dom: virDomain | null,
    eventID: E,
    cb: DomainEventCallback<E, T>,
    opaque?: T,
  ): Promise<number> {
    return this.#add(DOMAIN, dom, eventID, cb, opaque);
  }

  /**
   * Ends a registration: the callback is not called any more from now on, whatever becomes of the promise.
   * @param callbackID from domainEventRegisterAny
   * @returns 0
   * @throws libvirtError VIR_ERR_INVALID_ARG for an unknown id
   * @see virConnectDomainEventDeregisterAny, since libvirt 0.8.0
   */
  domainEventDeregisterAny(callbackID: number): Promise<number> {
    return this.#remove(DOMAIN, callbackID);
  }

  /**
   * The same events for a loop: `for await (const [dom, ...details] of await conn.domainEvents(null, VIR_DOMAIN_EVENT_ID_LIFECYCLE))`. None is
   * lost from when the promise is fulfilled. Leaving the loop ends the registration, as does closing the connection; when it
   * is lost, the loop is left by a libvirtError. libvirt-python has
   * no such method.
   * 64-bit values are rounded above 2^53; setInt64Mode('bigint') makes them exact.
   * @param dom only events of this domain; null for all
   * @param eventID VIR_DOMAIN_EVENT_ID_...
   * @throws libvirtError
   */
  domainEvents<E extends number>(
    dom: virDomain | null,
    eventID: E,
    options: EventsOptions = {},
  ): Promise<Events<virDomain, DomainEventDetails, E>> {
    return this.#loop(DOMAIN, dom, eventID, options);
  }

  /**
   * Has `cb` called for every such event. Several callbacks may be registered for the same. The process does not end by itself while any
   * is. An error thrown by the callback is an uncaught exception.
   * @param net only events of this network; null for all
   * @param eventID VIR_NETWORK_EVENT_ID_...
   * @param cb called as cb(conn, net, ...details, opaque); NetworkEventDetails has the details of each event
   * @param opaque handed to the callback as it is
   * @returns the id for networkEventDeregisterAny
   * @throws libvirtError
   * @see virConnectNetworkEventRegisterAny, since libvirt 1.2.1
   */
  networkEventRegisterAny<E extends number, T = undefined>(
    net: virNetwork | null,
    eventID: E,
    cb: NetworkEventCallback<E, T>,
    opaque?: T,
  ): Promise<number> {
    return this.#add(NETWORK, net, eventID, cb, opaque);
  }

  /**
   * Ends a registration: the callback is not called any more from now on, whatever becomes of the promise.
   * @param callbackID from networkEventRegisterAny
   * @returns 0
   * @throws libvirtError VIR_ERR_INVALID_ARG for an unknown id
   * @see virConnectNetworkEventDeregisterAny, since libvirt 1.2.1
   */
  networkEventDeregisterAny(callbackID: number): Promise<number> {
    return this.#remove(NETWORK, callbackID);
  }

  /**
   * The same events for a loop: `for await (const [net, ...details] of await conn.networkEvents(null, VIR_NETWORK_EVENT_ID_LIFECYCLE))`. None is
   * lost from when the promise is fulfilled. Leaving the loop ends the registration, as does closing the connection; when it
   * is lost, the loop is left by a libvirtError. libvirt-python has
   * no such method.
   * @param net only events of this network; null for all
   * @param eventID VIR_NETWORK_EVENT_ID_...
   * @throws libvirtError
   */
  networkEvents<E extends number>(
    net: virNetwork | null,
    eventID: E,
    options: EventsOptions = {},
  ): Promise<Events<virNetwork, NetworkEventDetails, E>> {
    return this.#loop(NETWORK, net, eventID, options);
  }

  /**
   * Has `cb` called for every such event. Several callbacks may be registered for the same. The process does not end by itself while any
   * is. An error thrown by the callback is an uncaught exception.
   * @param pool only events of this pool; null for all
   * @param eventID VIR_STORAGE_POOL_EVENT_ID_...
   * @param cb called as cb(conn, pool, ...details, opaque); StoragePoolEventDetails has the details of each event
   * @param opaque handed to the callback as it is
   * @returns the id for storagePoolEventDeregisterAny
   * @throws libvirtError
   * @see virConnectStoragePoolEventRegisterAny, since libvirt 2.0.0
   */
  storagePoolEventRegisterAny<E extends number, T = undefined>(
    pool: virStoragePool | null,
    eventID: E,
    cb: StoragePoolEventCallback<E, T>,
    opaque?: T,
  ): Promise<number> {
    return this.#add(STORAGE_POOL, pool, eventID, cb, opaque);
  }

  /**
   * Ends a registration: the callback is not called any more from now on, whatever becomes of the promise.
   * @param callbackID from storagePoolEventRegisterAny
   * @returns 0
   * @throws libvirtError VIR_ERR_INVALID_ARG for an unknown id
   * @see virConnectStoragePoolEventDeregisterAny, since libvirt 2.0.0
   */
  storagePoolEventDeregisterAny(callbackID: number): Promise<number> {
    return this.#remove(STORAGE_POOL, callbackID);
  }

  /**
   * The same events for a loop: `for await (const [pool, ...details] of await conn.storagePoolEvents(null, VIR_STORAGE_POOL_EVENT_ID_LIFECYCLE))`. None is
   * lost from when the promise is fulfilled. Leaving the loop ends the registration, as does closing the connection; when it
   * is lost, the loop is left by a libvirtError. libvirt-python has
   * no such method.
   * @param pool only events of this pool; null for all
   * @param eventID VIR_STORAGE_POOL_EVENT_ID_...
   * @throws libvirtError
   */
  storagePoolEvents<E extends number>(
    pool: virStoragePool | null,
    eventID: E,
    options: EventsOptions = {},
  ): Promise<Events<virStoragePool, StoragePoolEventDetails, E>> {
    return this.#loop(STORAGE_POOL, pool, eventID, options);
  }

  /**
   * Has `cb` called for every such event. Several callbacks may be registered for the same. The process does not end by itself while any
   * is. An error thrown by the callback is an uncaught exception.
   * @param dev only events of this device; null for all
   * @param eventID VIR_NODE_DEVICE_EVENT_ID_...
   * @param cb called as cb(conn, dev, ...details, opaque); NodeDeviceEventDetails has the details of each event
   * @param opaque handed to the callback as it is
   * @returns the id for nodeDeviceEventDeregisterAny
   * @throws libvirtError
   * @see virConnectNodeDeviceEventRegisterAny, since libvirt 2.2.0
   */
  nodeDeviceEventRegisterAny<E extends number, T = undefined>(
    dev: virNodeDevice | null,
    eventID: E,
    cb: NodeDeviceEventCallback<E, T>,
    opaque?: T,
  ): Promise<number> {
    return this.#add(NODE_DEVICE, dev, eventID, cb, opaque);
  }

  /**
   * Ends a registration: the callback is not called any more from now on, whatever becomes of the promise.
   * @param callbackID from nodeDeviceEventRegisterAny
   * @returns 0
   * @throws libvirtError VIR_ERR_INVALID_ARG for an unknown id
   * @see virConnectNodeDeviceEventDeregisterAny, since libvirt 2.2.0
   */
  nodeDeviceEventDeregisterAny(callbackID: number): Promise<number> {
    return this.#remove(NODE_DEVICE, callbackID);
  }

  /**
   * The same events for a loop: `for await (const [dev, ...details] of await conn.nodeDeviceEvents(null, VIR_NODE_DEVICE_EVENT_ID_LIFECYCLE))`. None is
   * lost from when the promise is fulfilled. Leaving the loop ends the registration, as does closing the connection; when it
   * is lost, the loop is left by a libvirtError. libvirt-python has
   * no such method.
   * @param dev only events of this device; null for all
   * @param eventID VIR_NODE_DEVICE_EVENT_ID_...
   * @throws libvirtError
   */
  nodeDeviceEvents<E extends number>(
    dev: virNodeDevice | null,
    eventID: E,
    options: EventsOptions = {},
  ): Promise<Events<virNodeDevice, NodeDeviceEventDetails, E>> {
    return this.#loop(NODE_DEVICE, dev, eventID, options);
  }

  /**
   * Has `cb` called for every such event. Several callbacks may be registered for the same. The process does not end by itself while any
   * is. An error thrown by the callback is an uncaught exception.
   * @param secret only events of this secret; null for all
   * @param eventID VIR_SECRET_EVENT_ID_...
   * @param cb called as cb(conn, secret, ...details, opaque); SecretEventDetails has the details of each event
   * @param opaque handed to the callback as it is
   * @returns the id for secretEventDeregisterAny
   * @throws libvirtError
   * @see virConnectSecretEventRegisterAny, since libvirt 3.0.0
   */
  secretEventRegisterAny<E extends number, T = undefined>(
    secret: virSecret | null,
    eventID: E,
    cb: SecretEventCallback<E, T>,
    opaque?: T,
  ): Promise<number> {
    return this.#add(SECRET, secret, eventID, cb, opaque);
  }

  /**
   * Ends a registration: the callback is not called any more from now on, whatever becomes of the promise.
   * @param callbackID from secretEventRegisterAny
   * @returns 0
   * @throws libvirtError VIR_ERR_INVALID_ARG for an unknown id
   * @see virConnectSecretEventDeregisterAny, since libvirt 3.0.0
   */
  secretEventDeregisterAny(callbackID: number): Promise<number> {
    return this.#remove(SECRET, callbackID);
  }

  /**
   * The same events for a loop: `for await (const [secret, ...details] of await conn.secretEvents(null, VIR_SECRET_EVENT_ID_LIFECYCLE))`. None is
   * lost from when the promise is fulfilled. Leaving the loop ends the registration, as does closing the connection; when it
   * is lost, the loop is left by a libvirtError. libvirt-python has
   * no such method.
   * @param secret only events of this secret; null for all
   * @param eventID VIR_SECRET_EVENT_ID_...
   * @throws libvirtError
   */
  secretEvents<E extends number>(
    secret: virSecret | null,
    eventID: E,
    options: EventsOptions = {},
  ): Promise<Events<virSecret, SecretEventDetails, E>> {
    return this.#loop(SECRET, secret, eventID, options);
  }

  /**
   * As domainEventRegisterAny(null, VIR_DOMAIN_EVENT_ID_LIFECYCLE, cb, opaque), but the callback itself is what the registration is ended
   * by. The same callback again only replaces its opaque.
   * @throws libvirtError
   * @see virConnectDomainEventRegister, since libvirt 0.5.0
   */
  async domainEventRegister<T = undefined>(cb: DomainEventCallback<0, T>, opaque?: T): Promise<void> {
    checkCallback('virConnectDomainEventRegister', cb);
    const legacy = (this.#legacy ??= this.#registerLegacy());
    legacy.callbacks.set(cb as LifecycleCallback, opaque);
    try {
      await legacy.id;
    } catch (error) {
      if (this.#legacy === legacy) this.#legacy = null;
      throw error;
    }
  }

  /**
   * Ends a registration of domainEventRegister. Without any registration it does nothing.
   * @throws RangeError for an unknown callback while others are registered
   * @throws libvirtError
   * @see virConnectDomainEventDeregister, since libvirt 0.5.0
   */
  async domainEventDeregister<T = undefined>(cb: DomainEventCallback<0, T>): Promise<void> {
    const legacy = this.#legacy;
    if (legacy === null) return;
    if (!legacy.callbacks.delete(cb as LifecycleCallback)) {
      throw new RangeError('virConnectDomainEventDeregister: cb is not registered');
    }
    if (legacy.callbacks.size > 0) return;
    this.#legacy = null;
    await this.domainEventDeregisterAny(await legacy.id);
  }

  #registerLegacy(): { callbacks: Map<LifecycleCallback, unknown>; id: Promise<number> } {
    const callbacks = new Map<LifecycleCallback, unknown>();
    const id = this.domainEventRegisterAny(null, 0, (conn, dom, event, detail) => {
      for (const [cb, opaque] of [...callbacks]) cb(conn, dom, event, detail, opaque);
    });
    return { callbacks, id };
  }

  async #add(kind: Kind, object: Handle | null, eventID: number, cb: (...all: never[]) => unknown, opaque: unknown): Promise<number> {
    checkCallback(`virConnect${kind.className.slice(3)}EventRegisterAny`, cb);
    const conn = this as unknown as virConnect;
    return this.#tell(kind, object, eventID, (about, details) => (cb as (...all: unknown[]) => unknown)(conn, about, ...details, opaque));
  }

  async #remove(kind: Kind, callbackID: number): Promise<number> {
    checkCallbackId(`virConnect${kind.className.slice(3)}EventDeregisterAny`, callbackID);
    return registrationsOf(this).remove(kind.name, callbackID);
  }

  async #tell(
    kind: Kind,
    object: Handle | null,
    eventID: number,
    tell: (object: Handle, details: readonly unknown[]) => void,
  ): Promise<number> {
    checkObject(`virConnect${kind.className.slice(3)}EventRegisterAny: ${kind.argument}`, kind.className, object);
    const which = handleOf(object);
    const source = {
      key: `${kind.name} ${eventID} ${which === null ? 'any' : kind.identify(which)}`,
      kind: kind.name,
      wrap: (about: NativeHandle) => wrapObject(kind.className, this, about),
      enroll: (registration: number) => kind.enroll(handleOf(this), which, eventID, registration),
      dismiss: (callbackID: number) => kind.dismiss(handleOf(this), callbackID),
    };
    return registrationsOf(this).add(source, tell);
  }

  async #loop<O, Map, E extends number>(kind: Kind, object: Handle | null, eventID: E, options: EventsOptions): Promise<Events<O, Map, E>> {
    const signal = signalOf(`${methodOf(kind)}Events`, options);
    signal?.throwIfAborted();
    const registrations = registrationsOf(this);
    const queue = new EventQueue<[object: O, ...details: DetailsOf<Map, E>]>(async () => {
      forget();
      await remove();
    });
    // From before libvirt is asked: all of this may come while it has not answered.
    const abort = (): void => {
      queue.fail(signal?.reason);
      forget();
      remove().catch(() => {}); // the connection may be dead; nothing is told in any case
    };
    const leaveClose = registrations.whenClosed(() => {
      forget();
      queue.end();
    });
    const leaveLoss = lossOf(this).watch(() => queue.fail(new libvirtError('the connection was lost, and with it its events')));
    const forget = (): void => {
      leaveLoss();
      leaveClose();
      signal?.removeEventListener('abort', abort);
    };
    signal?.addEventListener('abort', abort, { once: true });
    const registered = this.#tell(kind, object, eventID, (about, details) => queue.push([about as O, ...(details as DetailsOf<Map, E>)]));
    const remove = async (): Promise<number> => registrations.remove(kind.name, await registered);
    try {
      await unlessAborted(signal, registered);
    } catch (error) {
      forget();
      throw error;
    }
    return queue;
  }
}

/** The promise, but for a signal that is aborted before. */
async function unlessAborted<T>(signal: AbortSignal | undefined, promise: Promise<T>): Promise<T> {
  if (signal === undefined) return promise;
  let leave = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- a signal's reason may be anything
    const abort = (): void => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    leave = () => signal.removeEventListener('abort', abort);
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    leave();
  }
}

function signalOf(method: string, options: EventsOptions): AbortSignal | undefined {
  // What a caller without types may give.
  const given: unknown = options;
  if (typeof given !== 'object' || given === null) throw new TypeError(`${method}: options must be an object, not ${nameOf(given)}`);
  checkSignal(method, options.signal);
  return options.signal;
}

function checkCallback(function_: string, cb: unknown): void {
  if (typeof cb !== 'function') throw new TypeError(`${function_}: cb must be a function, not ${nameOf(cb)}`);
}

/** Ids are numbers: anything else is a slip that the message should name. */
function checkCallbackId(function_: string, callbackID: unknown): void {
  if (typeof callbackID === 'number') return;
  throw new TypeError(`${function_}: callbackID must be a number, not ${nameOf(callbackID)}`);
}

/** storagePool of 'storage pool', as the methods' names begin. */
function methodOf(kind: Kind): string {
  return kind.name.replace(/ (.)/, (_, first: string) => first.toUpperCase());
}
