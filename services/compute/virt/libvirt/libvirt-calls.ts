/**
 * The few calls of the binding that the driver makes, as it needs to see them. `@novalet/libvirt` fits it as it is; tests may
 * put something smaller in its place.
 */
export interface Libvirt {
  open(uri: string): Promise<Connection>;
  openReadOnly(uri: string): Promise<Connection>;
}

export interface Connection {
  lookupByUUIDString(uuid: string): Promise<Domain>;
  defineXMLFlags(xml: string, flags: number): Promise<Domain>;
  numOfDomains(): Promise<number>;
  getCapabilities(): Promise<string>;
  /** Of the library: 1 000 000 × major + 1000 × minor + release. */
  getLibVersion(): Promise<number>;
  /** Of the hypervisor, written the same way. */
  getVersion(): Promise<number>;
  getType(): Promise<string>;
  getDomainCapabilities(emulator: null, arch: null, machine: string | null, virtType: string, flags: number): Promise<string>;
  /** How the CPU in the XML stands to what the hypervisor can give: VIR_CPU_COMPARE_… */
  compareHypervisorCPU(
    emulator: null,
    arch: null,
    machine: string | null,
    virtType: string,
    xmlCPU: string,
    flags: number,
  ): Promise<number>;
  /** Statistics under libvirt's dotted names. */
  domainListGetStats(domains: readonly Domain[], stats: number, flags: number): Promise<(readonly [unknown, Stats])[]>;
  /** All domains, those that are off included. */
  getAllDomainStats(stats: number, flags: number): Promise<(readonly [Domain, Stats])[]>;
  listAllDomains(flags: number): Promise<readonly Domain[]>;
  /** [model, memory in MiB, CPUs, MHz, NUMA nodes, sockets, cores, threads] */
  getInfo(): Promise<readonly (string | number | bigint)[]>;
  /** libvirt's virtual networks, those that are off included. */
  listAllNetworks(flags: number): Promise<readonly Network[]>;
  isAlive(): Promise<number>;
  close(): Promise<number>;
  registerCloseCallback(callback: (connection: unknown, reason: number, opaque: unknown) => void, opaque: null): unknown;
  domainEventRegisterAny(
    domain: null,
    eventId: number,
    callback: (connection: unknown, domain: Domain, event: number, detail: number, opaque: unknown) => void,
    opaque: null,
  ): unknown;
  domainEventRegisterAny(
    domain: null,
    eventId: typeof VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED,
    callback: (connection: unknown, domain: Domain, alias: string, opaque: unknown) => void,
    opaque: null,
  ): unknown;
}

export type Stats = Readonly<Record<string, number | bigint | string | boolean | undefined>>;

export interface Network {
  name(): string;
  /** 1: it is up. */
  isActive(): Promise<number>;
}

export interface Domain {
  UUIDString(): string;
  name(): string;
  /** libvirt's number for this run of the guest when it was looked up; -1: it was off. Every start has another one. */
  ID(): number;
  createWithFlags(flags: number): Promise<number>;
  destroyFlags(flags: number): Promise<number>;
  undefineFlags(flags: number): Promise<number>;
  suspend(): Promise<number>;
  resume(): Promise<number>;
  pMWakeup(flags: number): Promise<number>;
  shutdownFlags(flags: number): Promise<number>;
  managedSave(flags: number): Promise<number>;
  managedSaveRemove(flags: number): Promise<number>;
  /** `type` 0: no job. Amounts in bytes, where the hypervisor tells them. */
  jobStats(flags: number): Promise<Stats>;
  abortJob(): Promise<number>;
  /** Begins to copy disks, as they are now, as a job of the domain's. */
  backupBegin(backupXml: string, checkpointXml: null, flags: number): Promise<number>;
  /** The domain's XML; VIR_DOMAIN_XML_… */
  XMLDesc(flags: number): Promise<string>;
  /** Seconds that the agent in the guest may take for an answer. */
  agentSetResponseTimeout(seconds: number, flags: number): Promise<number>;
  setUserPassword(user: string, password: string, flags: number): Promise<number>;
  /** Number of file systems; null: all. */
  fsFreeze(mountpoints: null, flags: number): Promise<number>;
  fsThaw(mountpoints: null, flags: number): Promise<number>;
  attachDeviceFlags(xml: string, flags: number): Promise<number>;
  /** Asks the guest to let go; it may do so later, or not at all. */
  detachDeviceFlags(xml: string, flags: number): Promise<number>;
  setVcpusFlags(vcpus: number, flags: number): Promise<number>;
  /** In KiB. */
  setMemoryFlags(memory: number, flags: number): Promise<number>;
  /** By the target's name; the size in bytes with VIR_DOMAIN_BLOCK_RESIZE_BYTES. */
  blockResize(disk: string, size: number, flags: number): Promise<number>;
  /** 1 when there is one. */
  hasManagedSaveImage(flags: number): Promise<number>;
  /** [virDomainState, maximum memory in KiB, memory in KiB, virtual CPUs, processor time in nanoseconds] */
  info(): Promise<readonly (number | bigint)[]>;
  /** [virDomainState, reason] */
  state(flags: number): Promise<readonly number[]>;
  XMLDesc(flags: number): Promise<string>;
  metadata(type: number, uri: string, flags: number): Promise<string>;
  setMetadata(type: number, metadata: string, key: string, uri: string, flags: number): Promise<number>;
}

// Numbers of libvirt's stable interface, by their C names.
export const VIR_CPU_COMPARE_INCOMPATIBLE = 0;
export const VIR_DOMAIN_START_PAUSED = 1;
export const VIR_DOMAIN_START_AUTODESTROY = 2;
export const VIR_DOMAIN_START_BYPASS_CACHE = 4;
export const VIR_DOMAIN_START_FORCE_BOOT = 8;
export const VIR_DOMAIN_METADATA_ELEMENT = 2;
export const VIR_DOMAIN_AFFECT_LIVE = 1;
export const VIR_DOMAIN_AFFECT_CONFIG = 2;
export const VIR_DOMAIN_XML_SECURE = 1;
export const VIR_DOMAIN_XML_INACTIVE = 2;
export const VIR_DOMAIN_BLOCK_RESIZE_BYTES = 1;
export const VIR_DOMAIN_BACKUP_BEGIN_REUSE_EXTERNAL = 1;
export const VIR_DOMAIN_JOB_NONE = 0;
export const VIR_DOMAIN_JOB_COMPLETED = 3;
export const VIR_DOMAIN_JOB_OPERATION_BACKUP = 9;
export const VIR_DOMAIN_JOB_STATS_COMPLETED = 1;
export const VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN = 1;
export const VIR_DOMAIN_SAVE_BYPASS_CACHE = 1;
export const VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE = 256;
export const VIR_DOMAIN_STATS_STATE = 1;
export const VIR_DOMAIN_STATS_BALLOON = 4;
export const VIR_DOMAIN_STATS_VCPU = 8;
export const VIR_DOMAIN_STATS_INTERFACE = 16;
export const VIR_DOMAIN_STATS_BLOCK = 32;
export const VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT = 1 << 29;
export const VIR_DOMAIN_PAUSED = 3;
export const VIR_DOMAIN_SHUTDOWN = 4;
export const VIR_DOMAIN_SHUTOFF = 5;
export const VIR_DOMAIN_PMSUSPENDED = 7;
export const VIR_DOMAIN_PAUSED_SAVE = 3;
export const VIR_DOMAIN_PAUSED_DUMP = 4;
export const VIR_DOMAIN_PAUSED_SHUTTING_DOWN = 8;
export const VIR_DOMAIN_PAUSED_SNAPSHOT = 9;
export const VIR_DOMAIN_PAUSED_STARTING_UP = 11;
export const VIR_DOMAIN_EVENT_ID_LIFECYCLE = 0;
export const VIR_DOMAIN_EVENT_DEFINED = 0;
export const VIR_DOMAIN_EVENT_UNDEFINED = 1;
export const VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED = 15;
export const VIR_DOMAIN_EVENT_STARTED = 2;
export const VIR_DOMAIN_EVENT_STOPPED = 5;
export const VIR_DOMAIN_UNDEFINE_MANAGED_SAVE = 1;
export const VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA = 2;
export const VIR_DOMAIN_UNDEFINE_NVRAM = 4;
export const VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA = 16;
export const VIR_DOMAIN_UNDEFINE_TPM = 32;
