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
  /** Calls that go on in libvirt though their deadline has passed, and nobody waits for them. */
  readonly abandoned: number;
}

type RegisterEvent = (conn: NativeHandle | null, object: NativeHandle | null, eventID: number, registration: number) => Promise<number>;
type DeregisterEvent = (conn: NativeHandle | null, callbackID: number) => Promise<number>;

/** What the addon exports besides the generated rows: bindings/src/overrides. */
export interface ByHandFunctions {
  setHooks(
    failure: ErrorFactory,
    throwable: ErrorFactory,
    tuple: (...items: unknown[]) => unknown[],
    deliverEvent: (registration: number, object: NativeHandle | null, ...details: unknown[]) => void,
    askCredentials: (request: number, question: number, credentials: unknown[]) => void,
    unpack: (shape: string, numbers: ArrayBuffer, texts: string, handles: NativeHandle[]) => unknown,
    errorRaised: (nothing: string, message: string, err: LibvirtErrorTuple | null) => void,
    nextTurn: () => void,
  ): void;
  poolStats(): PoolStats;
  /** Keeps the process from ending by itself; to be taken back as often. */
  hold(on: boolean): void;
  /** Settles calls that have ended, in another turn of Node's loop. */
  drain(): void;
  /** Calls made from here on belong to this number; 0: to none. */
  enterScope(scope: number): void;
  /** Rejects the promises of its calls with the reason. */
  abandonScope(scope: number, reason: Error): void;
  /** The functions that its calls wait for, with the names of their domains. */
  callsOfScope(scope: number): string[];
  /** Its calls may end as they like. */
  closeScope(scope: number): void;
  setBigint(bigint: boolean): void;
  releaseHandle(handle: NativeHandle): void;
  answerCredentials(question: number, answers: (string | null)[] | null): void;

  virConnectClose(conn: NativeHandle | null): Promise<number>;
  virConnectOpenAuth(name: string | null, credtypes: readonly number[], request: number, flags: number): Promise<NativeHandle>;
  virConnectDomainEventRegisterAny: RegisterEvent;
  virConnectNetworkEventRegisterAny: RegisterEvent;
  virConnectStoragePoolEventRegisterAny: RegisterEvent;
  virConnectNodeDeviceEventRegisterAny: RegisterEvent;
  virConnectSecretEventRegisterAny: RegisterEvent;
  virConnectDomainQemuMonitorEventRegister(
    conn: NativeHandle | null,
    dom: NativeHandle | null,
    event: string | null,
    registration: number,
    flags: number,
  ): Promise<number>;
  virConnectDomainEventDeregisterAny: DeregisterEvent;
  virConnectNetworkEventDeregisterAny: DeregisterEvent;
  virConnectStoragePoolEventDeregisterAny: DeregisterEvent;
  virConnectNodeDeviceEventDeregisterAny: DeregisterEvent;
  virConnectSecretEventDeregisterAny: DeregisterEvent;
  virConnectDomainQemuMonitorEventDeregister: DeregisterEvent;
  virConnectRegisterCloseCallback(conn: NativeHandle | null, registration: number): Promise<number>;
  virConnectUnregisterCloseCallback(conn: NativeHandle | null): Promise<number>;
  virStreamRecv(stream: NativeHandle | null, nbytes: number): Promise<Buffer | -2>;
  virStreamRecvFlags(stream: NativeHandle | null, nbytes: number, flags: number): Promise<Buffer | -2 | -3>;
  virStreamRecvHole(stream: NativeHandle | null, flags: number): Promise<number>;
  virStreamSend(stream: NativeHandle | null, data: Uint8Array): Promise<number>;
  virStreamSendHole(stream: NativeHandle | null, length: number | bigint, flags: number): Promise<number>;
  virEventAddHandle(fd: number, events: number, registration: number): number;
  virEventUpdateHandle(watch: number, events: number): void;
  virEventRemoveHandle(watch: number): number;
  virEventAddTimeout(timeout: number, registration: number): number;
  virEventUpdateTimeout(timer: number, timeout: number): void;
  virEventRemoveTimeout(timer: number): number;
  /** True: errors come to the hook; false: libvirt prints them; null: neither. */
  virSetErrorFunc(tell: boolean | null): void;
  virStreamNew(conn: NativeHandle | null, flags: number): NativeHandle;
  virStreamFinish(stream: NativeHandle | null): Promise<number>;
  virStreamEventUpdateCallback(stream: NativeHandle | null, events: number): Promise<number>;
  virStreamAbort(stream: NativeHandle | null): Promise<number>;
  virStreamEventAddCallback(stream: NativeHandle | null, events: number, registration: number): Promise<number>;
  virStreamEventRemoveCallback(stream: NativeHandle | null): Promise<number>;
  virConnectSetKeepAlive(conn: NativeHandle | null, interval: number, count: number): Promise<number>;
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
