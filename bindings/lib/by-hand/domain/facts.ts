import { handleOf, settle } from '../../handle.js';
import type { Int64, Int64In } from '../../int64.js';
import { native } from '../../native.js';
import type {
  BlockJobInfo,
  DomainBlockInfo,
  DomainBlockStats,
  DomainControlInfo,
  DomainInfo,
  DomainInterfaceStats,
  DomainJobInfo,
  MemoryStats,
  SecurityLabel,
} from '../../shapes.js';
import type { BlockStatsFlags, DomainCPUStats, JobStatsFields } from '../../../generated/typed-parameters.js';
import { DomainParameters } from './parameters.js';

/** What a domain is doing and uses, as tuples and dictionaries. */
export abstract class DomainFacts extends DomainParameters {
  /**
   * The domain's state and what it uses.
   * 64-bit values are rounded above 2^53; setInt64Mode('bigint') makes them exact.
   * @returns [state, maxMem in KiB, memory in KiB, nrVirtCpu, cpuTime in nanoseconds]
   * @throws libvirtError
   * @see virDomainGetInfo, since libvirt 0.0.3
   */
  info(): Promise<DomainInfo> {
    return settle(native.virDomainGetInfo(handleOf(this)));
  }

  /**
   * The domain's state, and how it came to be in it.
   * @param flags unused so far
   * @returns [state (VIR_DOMAIN_...), reason (VIR_DOMAIN_<state>_...)]
   * @throws libvirtError
   * @see virDomainGetState, since libvirt 0.9.2
   */
  state(flags = 0): Promise<[state: number, reason: number]> {
    return settle(native.virDomainGetState(handleOf(this), flags));
  }

  /**
   * The state of the interface by which it is controlled.
   * 64-bit values are rounded above 2^53; setInt64Mode('bigint') makes them exact.
   * @param flags unused so far
   * @returns [state (VIR_DOMAIN_CONTROL_...), details, milliseconds in it]
   * @throws libvirtError
   * @see virDomainGetControlInfo, since libvirt 0.9.3
   */
  controlInfo(flags = 0): Promise<DomainControlInfo> {
    return settle(native.virDomainGetControlInfo(handleOf(this), flags));
  }

  /**
   * How far the job under way has come: times in milliseconds, amounts in bytes. jobStats() tells more.
   * 64-bit values are rounded above 2^53; setInt64Mode('bigint') makes them exact.
   * @throws libvirtError
   * @see virDomainGetJobInfo, since libvirt 0.7.7
   */
  jobInfo(): Promise<DomainJobInfo> {
    return settle(native.virDomainGetJobInfo(handleOf(this)));
  }

  /**
   * How far the job under way has come, or with VIR_DOMAIN_JOB_STATS_COMPLETED the last one came.
   * 64-bit values are rounded above 2^53; setInt64Mode('bigint') makes them exact.
   * @param flags bitwise-OR of VIR_DOMAIN_JOB_STATS_...
   * @returns `type` (VIR_DOMAIN_JOB_...; 0: no job), and what the hypervisor tells of it
   * @throws libvirtError
   * @see virDomainGetJobStats, since libvirt 1.0.3
   */
  jobStats(flags = 0): Promise<JobStatsFields & { type: number }> {
    return settle(native.virDomainGetJobStats(handleOf(this), flags));
  }

  /**
   * The sizes of a disk, in bytes.
   * 64-bit values are rounded above 2^53; setInt64Mode('bigint') makes them exact.
   * @param path the disk's target, such as "vda", or its path
   * @param flags unused so far
   * @throws libvirtError
   * @see virDomainGetBlockInfo, since libvirt 0.8.1
   */
  blockInfo(path: string, flags = 0): Promise<DomainBlockInfo> {
    return settle(native.virDomainGetBlockInfo(handleOf(this), path, flags));
  }

  /**
   * What a disk has done.
   * 64-bit values are rounded above 2^53; setInt64Mode('bigint') makes them exact.
   * @param path the disk's target, such as "vda", or its path; "" for all disks, where the hypervisor can
   * @returns [read requests, bytes read, write requests, bytes written, errors]; -1 for what is not counted
   * @throws libvirtError
   * @see virDomainBlockStats, since libvirt 0.3.2
   */
  blockStats(path: string): Promise<DomainBlockStats> {
    return settle(native.virDomainBlockStats(handleOf(this), path));
  }

  /**
   * What a disk has done: requests, bytes, and times in nanoseconds.
   * 64-bit values are rounded above 2^53; setInt64Mode('bigint') makes them exact.
   * @param path the disk's target, such as "vda", or its path; "" for all disks, where the hypervisor can
   * @param flags unused so far
   * @throws libvirtError
   * @see virDomainBlockStatsFlags, since libvirt 0.9.5
   */
  blockStatsFlags(path: string, flags = 0): Promise<BlockStatsFlags> {
    return settle(native.virDomainBlockStatsFlags(handleOf(this), path, flags));
  }

  /**
   * The job on a disk, such as a copy or commit.
   * 64-bit values are rounded above 2^53; setInt64Mode('bigint') makes them exact.
   * @param path the disk's target, such as "vda", or its path
   * @param flags VIR_DOMAIN_BLOCK_JOB_INFO_BANDWIDTH_BYTES: bandwidth in bytes/s rather than MiB/s
   * @returns an empty dictionary when there is none
   * @throws libvirtError
   * @see virDomainGetBlockJobInfo, since libvirt 0.9.4
   */
  blockJobInfo(path: string, flags = 0): Promise<BlockJobInfo | Record<string, never>> {
    return settle(native.virDomainGetBlockJobInfo(handleOf(this), path, flags));
  }

  /**
   * The disks that stopped for an error of theirs.
   * @param flags unused so far
   * @returns VIR_DOMAIN_DISK_ERROR_... by the disk's target
   * @throws libvirtError
   * @see virDomainGetDiskErrors, since libvirt 0.9.10
   */
  diskErrors(flags = 0): Promise<Record<string, number>> {
    return settle(native.virDomainGetDiskErrors(handleOf(this), flags));
  }

  /**
   * What a network interface has done.
   * 64-bit values are rounded above 2^53; setInt64Mode('bigint') makes them exact.
   * @param path the interface's MAC address, or its name on the host
   * @returns [bytes, packets, errors, drops received; the same four sent]; -1 for what is not counted
   * @throws libvirtError
   * @see virDomainInterfaceStats, since libvirt 0.3.2
   */
  interfaceStats(path: string): Promise<DomainInterfaceStats> {
    return settle(native.virDomainInterfaceStats(handleOf(this), path));
  }

  /**
   * What its memory is used for, in KiB. Most of it only a guest with a balloon driver tells.
   * 64-bit values are rounded above 2^53; setInt64Mode('bigint') makes them exact.
   * @throws libvirtError
   * @see virDomainMemoryStats, since libvirt 0.7.5
   */
  memoryStats(): Promise<MemoryStats> {
    return settle(native.virDomainMemoryStats(handleOf(this)));
  }

  /**
   * CPU time, in nanoseconds.
   * 64-bit values are rounded above 2^53; setInt64Mode('bigint') makes them exact.
   * @param total true: one dictionary for the domain; false: one for each CPU of the host
   * @param flags unused so far
   * @throws libvirtError
   * @see virDomainGetCPUStats, since libvirt 0.9.10
   */
  getCPUStats(total: boolean, flags = 0): Promise<DomainCPUStats[]> {
    return settle(native.virDomainGetCPUStats(handleOf(this), total, flags));
  }

  /**
   * The scheduler of its CPUs.
   * @returns [name, how many parameters it has]
   * @throws libvirtError
   * @see virDomainGetSchedulerType, since libvirt 0.2.3
   */
  schedulerType(): Promise<[type: string, nparams: number]> {
    return settle(native.virDomainGetSchedulerType(handleOf(this)));
  }

  /**
   * The security label of its process.
   * @throws libvirtError
   * @see virDomainGetSecurityLabel, since libvirt 0.6.1
   */
  securityLabel(): Promise<SecurityLabel> {
    return settle(native.virDomainGetSecurityLabel(handleOf(this)));
  }

  /**
   * The security labels of its process, one for each security driver.
   * @throws libvirtError
   * @see virDomainGetSecurityLabelList, since libvirt 0.10.0
   */
  securityLabelList(): Promise<SecurityLabel[]> {
    return settle(native.virDomainGetSecurityLabelList(handleOf(this)));
  }

  /**
   * Whether it is started with the host.
   * @returns 1 or 0
   * @throws libvirtError
   * @see virDomainGetAutostart, since libvirt 0.2.1
   */
  autostart(): Promise<number> {
    return settle(native.virDomainGetAutostart(handleOf(this)));
  }

  /**
   * A piece of a disk's contents, as the guest sees them.
   * @param disk the disk's target, such as "vda", or its path
   * @param offset in bytes
   * @param size in bytes; the daemon gives a few MiB at most
   * @param flags unused so far
   * @throws libvirtError
   * @see virDomainBlockPeek, since libvirt 0.4.2
   */
  blockPeek(disk: string, offset: Int64In, size: Int64In, flags = 0): Promise<Buffer> {
    return settle(native.virDomainBlockPeek(handleOf(this), disk, offset, size, flags));
  }

  /**
   * A piece of the guest's memory.
   * @param start its address
   * @param size in bytes; the daemon gives a few MiB at most
   * @param flags VIR_MEMORY_VIRTUAL or VIR_MEMORY_PHYSICAL: what kind of address it is
   * @throws libvirtError
   * @see virDomainMemoryPeek, since libvirt 0.4.2
   */
  memoryPeek(start: Int64In, size: Int64In, flags = 0): Promise<Buffer> {
    return settle(native.virDomainMemoryPeek(handleOf(this), start, size, flags));
  }

  /**
   * The size of the cache for compressed migration, in bytes.
   * 64-bit values are rounded above 2^53; setInt64Mode('bigint') makes them exact.
   * @param flags unused so far
   * @throws libvirtError
   * @see virDomainMigrateGetCompressionCache, since libvirt 1.0.3
   */
  migrateGetCompressionCache(flags = 0): Promise<Int64> {
    return settle(native.virDomainMigrateGetCompressionCache(handleOf(this), flags));
  }

  /**
   * How long the guest may stand still at the end of a migration, in milliseconds.
   * 64-bit values are rounded above 2^53; setInt64Mode('bigint') makes them exact.
   * @param flags unused so far
   * @throws libvirtError
   * @see virDomainMigrateGetMaxDowntime, since libvirt 3.7.0
   */
  migrateGetMaxDowntime(flags = 0): Promise<Int64> {
    return settle(native.virDomainMigrateGetMaxDowntime(handleOf(this), flags));
  }

  /**
   * The most that a migration may send, in MiB/s.
   * 64-bit values are rounded above 2^53; setInt64Mode('bigint') makes them exact.
   * @param flags VIR_DOMAIN_MIGRATE_MAX_SPEED_POSTCOPY: the limit of the post-copy phase
   * @throws libvirtError
   * @see virDomainMigrateGetMaxSpeed, since libvirt 0.9.5
   */
  migrateGetMaxSpeed(flags = 0): Promise<Int64> {
    return settle(native.virDomainMigrateGetMaxSpeed(handleOf(this), flags));
  }
}
