import type { NativeHandle } from './handle.js';
import type { Int64, Int64In } from './int64.js';
import type { TypedParameters } from './shapes.js';
import type { NativeParameters } from './typed-parameters.js';

type H = NativeHandle | null;

/** libvirt-admin's functions: bindings/src/overrides/admin.cc. */
export interface AdminFunctions {
  virAdmInitialize(): number;
  virAdmGetVersion(): number;
  virAdmConnectOpen(name: string | null, flags: number): Promise<NativeHandle>;
  virAdmConnectClose(conn: H): Promise<number>;
  virAdmConnectGetURI(conn: H): Promise<string>;
  virAdmConnectGetLibVersion(conn: H): Promise<number>;
  virAdmConnectIsAlive(conn: H): Promise<number>;
  virAdmConnectListServers(conn: H, flags: number): Promise<NativeHandle[]>;
  virAdmConnectLookupServer(conn: H, name: string | null, flags: number): Promise<NativeHandle>;
  virAdmConnectGetLoggingFilters(conn: H, flags: number): Promise<string>;
  virAdmConnectGetLoggingOutputs(conn: H, flags: number): Promise<string>;
  virAdmConnectSetLoggingFilters(conn: H, filters: string | null, flags: number): Promise<number>;
  virAdmConnectSetLoggingOutputs(conn: H, outputs: string | null, flags: number): Promise<number>;
  virAdmConnectSetDaemonTimeout(conn: H, timeout: number, flags: number): Promise<number>;
  virAdmConnectRegisterCloseCallback(conn: H, registration: number): Promise<number>;
  virAdmConnectUnregisterCloseCallback(conn: H): Promise<number>;
  virAdmServerGetName(srv: H): string;
  virAdmServerListClients(srv: H, flags: number): Promise<NativeHandle[]>;
  virAdmServerLookupClient(srv: H, id: Int64In, flags: number): Promise<NativeHandle>;
  virAdmServerGetThreadPoolParameters(srv: H, flags: number): Promise<TypedParameters>;
  virAdmServerSetThreadPoolParameters(srv: H, params: NativeParameters, flags: number): Promise<number>;
  virAdmServerGetClientLimits(srv: H, flags: number): Promise<TypedParameters>;
  virAdmServerSetClientLimits(srv: H, params: NativeParameters, flags: number): Promise<number>;
  virAdmServerUpdateTlsFiles(srv: H, flags: number): Promise<number>;
  virAdmClientGetID(client: H): Int64;
  virAdmClientGetTimestamp(client: H): Int64;
  virAdmClientGetTransport(client: H): number;
  virAdmClientGetInfo(client: H, flags: number): Promise<TypedParameters>;
  virAdmClientClose(client: H, flags: number): Promise<number>;
}
