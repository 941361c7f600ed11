/** The tuples and dictionaries that methods give, as in libvirt-python. */
import type { Int64 } from './int64.js';
import type { ParameterValue } from './typed-parameters.js';

/** A dictionary of typed parameters whose names depend on the hypervisor. */
export type TypedParameters = Record<string, ParameterValue>;

/** Statistics of one domain under libvirt's dotted names, such as `state.state`, `cpu.time`, `vcpu.0.time`. */
export type DomainStats = TypedParameters;

/** [state (VIR_DOMAIN_...), maximum memory in KiB, memory in KiB, virtual CPUs, CPU time in nanoseconds] */
export type DomainInfo = [state: number, maxMem: Int64, memory: Int64, nrVirtCpu: number, cpuTime: Int64];

/** [VIR_DOMAIN_CONTROL_..., details of the error state, milliseconds in this state] */
export type DomainControlInfo = [state: number, details: number, stateTime: Int64];

/** [VIR_DOMAIN_JOB_..., then milliseconds and bytes] */
export type DomainJobInfo = [
  type: number,
  timeElapsed: Int64,
  timeRemaining: Int64,
  dataTotal: Int64,
  dataProcessed: Int64,
  dataRemaining: Int64,
  memTotal: Int64,
  memProcessed: Int64,
  memRemaining: Int64,
  fileTotal: Int64,
  fileProcessed: Int64,
  fileRemaining: Int64,
];

/** In bytes: [what the guest sees, what is taken on the host, what the image or device could take] */
export type DomainBlockInfo = [capacity: Int64, allocation: Int64, physical: Int64];

/** -1 for what the hypervisor does not count. */
export type DomainBlockStats = [rdReq: Int64, rdBytes: Int64, wrReq: Int64, wrBytes: Int64, errs: Int64];

/** -1 for what the hypervisor does not count. */
export type DomainInterfaceStats = [
  rxBytes: Int64,
  rxPackets: Int64,
  rxErrs: Int64,
  rxDrop: Int64,
  txBytes: Int64,
  txPackets: Int64,
  txErrs: Int64,
  txDrop: Int64,
];

/** [label, whether it is enforced] */
export type SecurityLabel = [label: string, enforcing: boolean];

/** [CPU model, memory in MiB, CPUs, MHz, NUMA cells, sockets of a cell, cores of a socket, threads of a core] */
export type NodeInfo = [
  model: string,
  memory: Int64,
  cpus: number,
  mhz: number,
  nodes: number,
  sockets: number,
  cores: number,
  threads: number,
];

/** [VIR_STORAGE_POOL_..., then bytes] */
export type StoragePoolInfo = [state: number, capacity: Int64, allocation: Int64, available: Int64];

/** [VIR_STORAGE_VOL_..., then bytes] */
export type StorageVolInfo = [type: number, capacity: Int64, allocation: Int64];

/** One boolean for each CPU of the host. */
export type CPUMap = boolean[];

/** [its number, VIR_VCPU_..., CPU time in nanoseconds, the host's CPU that it is on, or -1] */
export type VcpuInfo = [number: number, state: number, cpuTime: Int64, cpu: number];

/** Lists of virtual CPUs, such as "0-3,5", as the guest agent tells them. */
export interface GuestVcpus {
  /** All that the guest sees. */
  vcpus: string;
  online: string;
  /** Those that the guest can switch off. */
  offlinable: string;
}

/** What a domain's memory is used for: KiB, but counts of faults and of huge pages, and last_update in seconds since 1970. */
export interface MemoryStats {
  swap_in?: Int64;
  swap_out?: Int64;
  major_fault?: Int64;
  minor_fault?: Int64;
  unused?: Int64;
  available?: Int64;
  /** The size of the balloon. */
  actual?: Int64;
  rss?: Int64;
  usable?: Int64;
  last_update?: Int64;
  disk_caches?: Int64;
  hugetlb_pgalloc?: Int64;
  hugetlb_pgfail?: Int64;
}

export interface BlockJobInfo {
  /** VIR_DOMAIN_BLOCK_JOB_TYPE_... */
  type: number;
  /** MiB/s, or bytes/s by the flags. */
  bandwidth: Int64;
  cur: Int64;
  end: Int64;
}

/** Time since 1970. */
export interface GuestTime {
  seconds: Int64;
  nseconds: number;
}

export interface InterfaceAddress {
  addr: string;
  /** Bits of the network's part. */
  prefix: number;
  /** VIR_IP_ADDR_TYPE_IPV4 or VIR_IP_ADDR_TYPE_IPV6 */
  type: number;
}

export interface InterfaceAddresses {
  /** Null when it has none. */
  addrs: InterfaceAddress[] | null;
  hwaddr: string | null;
}

export interface DHCPLease {
  iface: string;
  /** Seconds since 1970; 0: never. */
  expirytime: Int64;
  /** VIR_IP_ADDR_TYPE_IPV4 or VIR_IP_ADDR_TYPE_IPV6 */
  type: number;
  mac: string | null;
  ipaddr: string;
  prefix: number;
  hostname: string | null;
  clientid: string | null;
  iaid: string | null;
}

/** [mountpoint, name of the device in the guest, type of file system, targets of the domain's disks] */
export type FSInfo = [mountpoint: string, name: string, fstype: string, devAlias: string[]];
