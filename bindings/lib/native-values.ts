import type { NodeCPUStats, NodeMemoryStats } from '../generated/typed-parameters.js';
import type { NativeHandle } from './handle.js';
import type { Int64, Int64In } from './int64.js';
import type { PackedRecords } from './packed.js';
import type * as shapes from './shapes.js';
import type { NativeParameters } from './typed-parameters.js';

type H = NativeHandle | null;
type Text = string | null;
type Listing = (object: H, flags: number) => Promise<NativeHandle[]>;
type Names = (object: H) => Promise<string[]>;
type Getting<T> = (object: H, flags: number) => Promise<T>;
type GettingOf<T> = (object: H, device: Text, flags: number) => Promise<T>;
type Parameters = shapes.TypedParameters;
type Setting = (object: H, params: NativeParameters, flags: number) => Promise<number>;
type SettingOf<D> = (object: H, device: D, params: NativeParameters, flags: number) => Promise<number>;
type LookingUp = (object: H, uuid: Uint8Array | string) => Promise<NativeHandle>;
type WithFiles<R> = (object: H, what: Text, files: readonly number[], flags: number) => Promise<R>;
type Pinning = (domain: H, which: number, cpumap: readonly unknown[], flags: number) => Promise<number>;

/** The functions of the addon that are value rows: see bindings/src/value_call.h. */
export interface ValueFunctions {
  virConnectListAllDomains: Listing;
  virConnectListAllInterfaces: Listing;
  virConnectListAllNWFilterBindings: Listing;
  virConnectListAllNWFilters: Listing;
  virConnectListAllNetworks: Listing;
  virConnectListAllNodeDevices: Listing;
  virConnectListAllSecrets: Listing;
  virConnectListAllStoragePools: Listing;
  virDomainCheckpointListAllChildren: Listing;
  virDomainListAllCheckpoints: Listing;
  virDomainListAllSnapshots: Listing;
  virDomainSnapshotListAllChildren: Listing;
  virNetworkListAllPorts: Listing;
  virStoragePoolListAllVolumes: Listing;

  virConnectListDefinedDomains: Names;
  virConnectListDefinedInterfaces: Names;
  virConnectListDefinedNetworks: Names;
  virConnectListDefinedStoragePools: Names;
  virConnectListDomains(conn: H): Promise<number[]>;
  virConnectListInterfaces: Names;
  virConnectListNWFilters: Names;
  virConnectListNetworks: Names;
  virConnectListSecrets: Names;
  virConnectListStoragePools: Names;
  virStoragePoolListVolumes: Names;
  virNodeDeviceListCaps: Names;
  virDomainSnapshotListChildrenNames: Getting<string[]>;
  virDomainSnapshotListNames: Getting<string[]>;
  virNodeListDevices: GettingOf<string[]>;
  virConnectGetCPUModelNames: GettingOf<string[]>;
  virDomainAuthorizedSSHKeysGet: GettingOf<string[]>;
  virDomainGetMessages: Getting<string[]>;

  virDomainGetBlkioParameters: Getting<Parameters>;
  virDomainGetMemoryParameters: Getting<Parameters>;
  virDomainGetNumaParameters: Getting<Parameters>;
  virNodeGetMemoryParameters: Getting<Parameters>;
  virDomainGetInterfaceParameters: GettingOf<Parameters>;
  virDomainGetBlockIoTune: GettingOf<Parameters>;
  virDomainBlockStatsFlags: GettingOf<Parameters>;
  virDomainGetSchedulerParameters(domain: H): Promise<Parameters>;
  virDomainGetSchedulerParametersFlags: Getting<Parameters>;
  virDomainGetPerfEvents: Getting<Parameters>;
  virDomainGetGuestVcpus: Getting<shapes.GuestVcpus>;
  virDomainGetLaunchSecurityInfo: Getting<Parameters>;
  virNodeGetSEVInfo: Getting<Parameters>;
  virNetworkPortGetParameters: Getting<Parameters>;
  virDomainGetGuestInfo(domain: H, types: number, flags: number): Promise<Parameters>;
  virDomainGetJobStats: Getting<Parameters & { type: number }>;
  virNodeGetCPUStats(conn: H, cpuNum: number, flags: number): Promise<NodeCPUStats>;
  virNodeGetMemoryStats(conn: H, cellNum: number, flags: number): Promise<NodeMemoryStats>;
  virDomainGetCPUStats(domain: H, total: boolean, flags: number): Promise<Parameters[]>;
  virConnectGetAllDomainStats(conn: H, stats: number, flags: number): Promise<PackedRecords>;
  virDomainListGetStats(conn: H, doms: readonly H[], stats: number, flags: number): Promise<PackedRecords>;

  virDomainSetBlkioParameters: Setting;
  virDomainSetMemoryParameters: Setting;
  virDomainSetNumaParameters: Setting;
  virNodeSetMemoryParameters: Setting;
  virDomainSetPerfEvents: Setting;
  virNetworkPortSetParameters: Setting;
  virDomainSetSchedulerParameters(domain: H, params: NativeParameters): Promise<number>;
  virDomainSetSchedulerParametersFlags: Setting;
  virDomainSetInterfaceParameters: SettingOf<Text>;
  virDomainSetBlockIoTune: SettingOf<Text>;
  virConnectSetIdentity: Setting;
  virDomainSetLaunchSecurityState: Setting;
  virDomainSaveParams: Setting;
  virDomainRestoreParams: Setting;
  virDomainSetIOThreadParams: SettingOf<number>;
  virDomainBlockCopy(domain: H, disk: Text, destxml: Text, params: NativeParameters, flags: number): Promise<number>;
  virDomainMigrate3(domain: H, dconn: H, params: NativeParameters, flags: number): Promise<NativeHandle>;
  virDomainMigrateToURI3: SettingOf<Text>;

  virDomainGetInfo(domain: H): Promise<shapes.DomainInfo>;
  virDomainGetState: Getting<[state: number, reason: number]>;
  virDomainGetControlInfo: Getting<shapes.DomainControlInfo>;
  virDomainGetJobInfo(domain: H): Promise<shapes.DomainJobInfo>;
  virDomainGetBlockInfo: GettingOf<shapes.DomainBlockInfo>;
  virDomainBlockStats(domain: H, path: Text): Promise<shapes.DomainBlockStats>;
  virDomainInterfaceStats(domain: H, path: Text): Promise<shapes.DomainInterfaceStats>;
  virDomainGetSchedulerType(domain: H): Promise<[type: string, nparams: number]>;
  virDomainGetSecurityLabel(domain: H): Promise<shapes.SecurityLabel>;
  virDomainGetSecurityLabelList(domain: H): Promise<shapes.SecurityLabel[]>;
  virNodeGetInfo(conn: H): Promise<shapes.NodeInfo>;
  virNodeGetSecurityModel(conn: H): Promise<[model: string, doi: string]>;
  virStoragePoolGetInfo(pool: H): Promise<shapes.StoragePoolInfo>;
  virStorageVolGetInfo(vol: H): Promise<shapes.StorageVolInfo>;
  virStorageVolGetInfoFlags: Getting<shapes.StorageVolInfo>;

  virConnectGetLibVersion(conn: H): Promise<number>;
  virConnectGetVersion(conn: H): Promise<number>;
  virDomainGetAutostart(domain: H): Promise<number>;
  virNetworkGetAutostart(network: H): Promise<number>;
  virNodeDeviceGetAutostart(dev: H): Promise<number>;
  virStoragePoolGetAutostart(pool: H): Promise<number>;
  virDomainMigrateGetCompressionCache: Getting<Int64>;
  virDomainMigrateGetMaxDowntime: Getting<Int64>;
  virDomainMigrateGetMaxSpeed: Getting<Int64>;

  virDomainGetBlockJobInfo: GettingOf<shapes.BlockJobInfo | Record<string, never>>;
  virDomainGetDiskErrors: Getting<Record<string, number>>;
  virDomainMemoryStats(domain: H): Promise<shapes.MemoryStats>;
  virDomainGetTime: Getting<shapes.GuestTime>;
  virDomainGetFSInfo: Getting<shapes.FSInfo[]>;
  virDomainInterfaceAddresses(domain: H, source: number, flags: number): Promise<Record<string, shapes.InterfaceAddresses>>;
  virNetworkGetDHCPLeases: GettingOf<shapes.DHCPLease[]>;

  virNodeGetCPUMap: Getting<[ncpus: number, cpumap: shapes.CPUMap, online: number]>;
  virDomainGetEmulatorPinInfo: Getting<shapes.CPUMap>;
  virDomainGetVcpuPinInfo: Getting<shapes.CPUMap[]>;
  virDomainGetVcpus(domain: H): Promise<[vcpus: shapes.VcpuInfo[], cpumaps: shapes.CPUMap[]]>;
  virDomainGetIOThreadInfo: Getting<[id: number, cpumap: shapes.CPUMap][]>;
  virDomainPinEmulator(domain: H, cpumap: readonly unknown[], flags: number): Promise<number>;
  virDomainPinVcpu(domain: H, vcpu: number, cpumap: readonly unknown[]): Promise<number>;
  virDomainPinVcpuFlags: Pinning;
  virDomainPinIOThread: Pinning;

  virDomainLookupByUUID: LookingUp;
  virNWFilterLookupByUUID: LookingUp;
  virNetworkLookupByUUID: LookingUp;
  virNetworkPortLookupByUUID: LookingUp;
  virSecretLookupByUUID: LookingUp;
  virStoragePoolLookupByUUID: LookingUp;

  virDomainBlockPeek(domain: H, disk: Text, offset: Int64In, size: Int64In, flags: number): Promise<Buffer>;
  virDomainMemoryPeek(domain: H, start: Int64In, size: Int64In, flags: number): Promise<Buffer>;
  virSecretGetValue: Getting<Buffer>;
  virSecretSetValue(secret: H, value: Uint8Array | string, flags: number): Promise<number>;

  virConnectBaselineCPU(conn: H, xmlCPUs: readonly string[] | null, flags: number): Promise<string>;
  virConnectBaselineHypervisorCPU(
    conn: H,
    emulator: Text,
    arch: Text,
    machine: Text,
    virttype: Text,
    xmlCPUs: readonly string[] | null,
    flags: number,
  ): Promise<string>;
  virDomainAuthorizedSSHKeysSet(domain: H, user: Text, keys: readonly string[] | null, flags: number): Promise<number>;
  virDomainFSFreeze(domain: H, mountpoints: readonly string[] | null, flags: number): Promise<number>;
  virDomainFSThaw(domain: H, mountpoints: readonly string[] | null, flags: number): Promise<number>;
  virDomainSendKey(domain: H, codeset: number, holdtime: number, keycodes: readonly number[], flags: number): Promise<number>;
  virDomainSetTime(domain: H, seconds: Int64In, nseconds: number, flags: number): Promise<number>;
  virDomainRevertToSnapshot(snap: H, flags: number): Promise<number>;

  virNodeGetCellsFreeMemory(conn: H, startCell: number, maxCells: number): Promise<Int64[]>;
  virNodeGetFreePages(
    conn: H,
    pages: readonly number[],
    startCell: number,
    maxCells: number,
    flags: number,
  ): Promise<Record<number, Record<number, Int64>>>;
  virNodeAllocPages(
    conn: H,
    sizes: readonly number[],
    counts: readonly Int64In[],
    startCell: number,
    cellCount: number,
    flags: number,
  ): Promise<number>;

  virDomainCreateWithFiles(domain: H, files: readonly number[], flags: number): Promise<number>;
  virDomainCreateXMLWithFiles: WithFiles<NativeHandle>;
  virDomainFDAssociate: WithFiles<number>;
  virDomainLxcOpenNamespace: Getting<number[]>;
  virDomainQemuMonitorCommand: GettingOf<string>;
  virDomainQemuMonitorCommandWithFiles: WithFiles<[result: string, files: number[]]>;
  virDomainQemuAgentCommand(domain: H, cmd: Text, timeout: number, flags: number): Promise<string>;
}
