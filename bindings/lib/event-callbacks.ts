import type {
  DomainEventDetails,
  NetworkEventDetails,
  NodeDeviceEventDetails,
  SecretEventDetails,
  StoragePoolEventDetails,
} from '../generated/events.js';
import type { Int64 } from './int64.js';
import type { virConnect } from '../generated/classes/virConnect.js';
import type { virDomain } from '../generated/classes/virDomain.js';
import type { virNetwork } from '../generated/classes/virNetwork.js';
import type { virNodeDevice } from '../generated/classes/virNodeDevice.js';
import type { virSecret } from '../generated/classes/virSecret.js';
import type { virStoragePool } from '../generated/classes/virStoragePool.js';

/** The details of event E; where the compiler knows no number, anything. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the number is not known before the program runs
export type DetailsOf<Map, E> = E extends keyof Map ? (Map[E] extends unknown[] ? Map[E] : never) : any[];

type Callback<O, Map, E, T> = E extends keyof Map
  ? (conn: virConnect, object: O, ...details: [...DetailsOf<Map, E>, opaque: T]) => unknown
  : // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as above
    (conn: virConnect, object: O, ...details: any[]) => unknown;

/** Told of a domain's event: cb(conn, dom, ...details, opaque). The details of each event are in DomainEventDetails. */
export type DomainEventCallback<E extends number, T = undefined> = Callback<virDomain, DomainEventDetails, E, T>;
/** Told of a network's event: cb(conn, net, ...details, opaque). */
export type NetworkEventCallback<E extends number, T = undefined> = Callback<virNetwork, NetworkEventDetails, E, T>;
/** Told of a storage pool's event: cb(conn, pool, ...details, opaque). */
export type StoragePoolEventCallback<E extends number, T = undefined> = Callback<virStoragePool, StoragePoolEventDetails, E, T>;
/** Told of a node device's event: cb(conn, dev, ...details, opaque). */
export type NodeDeviceEventCallback<E extends number, T = undefined> = Callback<virNodeDevice, NodeDeviceEventDetails, E, T>;
/** Told of a secret's event: cb(conn, secret, ...details, opaque). */
export type SecretEventCallback<E extends number, T = undefined> = Callback<virSecret, SecretEventDetails, E, T>;

/** Told of an event of QEMU's monitor: when, in seconds and microseconds since 1970, and its data as JSON. */
export type QemuMonitorEventCallback<T = undefined> = (
  conn: virConnect,
  dom: virDomain,
  event: string,
  seconds: Int64,
  micros: number,
  details: string | null,
  opaque: T,
) => unknown;

/** Events as they come, for `for await`; leaving the loop ends the registration. */
export type Events<O, Map, E extends number> = AsyncIterableIterator<[object: O, ...details: DetailsOf<Map, E>]> & AsyncDisposable;
