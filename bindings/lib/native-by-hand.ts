import type { NativeHandle } from './handle.js';
import type { LibvirtErrorTuple } from './libvirt-error.js';

type ErrorFactory = (failedFunction: string, message: string, err: LibvirtErrorTuple | null) => unknown;

export interface PoolStats {
  /** Threads that exist. */
  readonly size: number;
  /** Calls inside libvirt. */
  readonly active: number;
  /** Calls that wait for a thread, or for others of their connection. */
  readonly queued: number;
  /** Most threads there will be. */
  readonly limit: number;
  /** Most calls that may wait; further ones are refused. */
  readonly capacity: number;
}

/** What the addon exports besides the generated rows: bindings/src/overrides. */
export interface ByHandFunctions {
  setHooks(
    failure: ErrorFactory,
    throwable: ErrorFactory,
    tuple: (...items: unknown[]) => unknown[],
    deliverEvent: (registration: number, object: NativeHandle | null, ...details: number[]) => void,
    askCredentials: (request: number, question: number, credentials: unknown[]) => void,
    unpack: (shape: string, numbers: ArrayBuffer, texts: string, handles: NativeHandle[]) => unknown,
  ): void;
  poolStats(): PoolStats;
  setBigint(bigint: boolean): void;
  releaseHandle(handle: NativeHandle): void;
  answerCredentials(question: number, answers: (string | null)[] | null): void;

  virConnectClose(conn: NativeHandle | null): Promise<number>;
  virConnectOpenAuth(name: string | null, credtypes: readonly number[], request: number, flags: number): Promise<NativeHandle>;
  virConnectDomainEventRegisterAny(
    conn: NativeHandle | null,
    dom: NativeHandle | null,
    eventID: number,
    registration: number,
  ): Promise<number>;
  virConnectDomainEventDeregisterAny(conn: NativeHandle | null, callbackID: number): Promise<number>;
  virConnectRegisterCloseCallback(conn: NativeHandle | null, registration: number): Promise<number>;
  virConnectUnregisterCloseCallback(conn: NativeHandle | null): Promise<number>;
  virGetVersion(name: string | null): number | [number, number];

  virDomainGetUUID(domain: NativeHandle | null): Buffer;
  virDomainGetUUIDString(domain: NativeHandle | null): string;
  virNetworkGetUUID(network: NativeHandle | null): Buffer;
  virNetworkGetUUIDString(network: NativeHandle | null): string;
  virNetworkPortGetUUID(port: NativeHandle | null): Buffer;
  virNetworkPortGetUUIDString(port: NativeHandle | null): string;
  virStoragePoolGetUUID(pool: NativeHandle | null): Buffer;
  virStoragePoolGetUUIDString(pool: NativeHandle | null): string;
  virSecretGetUUID(secret: NativeHandle | null): Buffer;
  virSecretGetUUIDString(secret: NativeHandle | null): string;
  virNWFilterGetUUID(filter: NativeHandle | null): Buffer;
  virNWFilterGetUUIDString(filter: NativeHandle | null): string;
}
