import { handleOf, settle } from '../../handle.js';
import { native } from '../../native.js';
import type { GuestVcpus, TypedParameters } from '../../shapes.js';
import { nativeParameters, someParameters, type ParametersIn } from '../../typed-parameters.js';
import * as types from '../../../generated/typed-parameter-types.js';
import type {
  BlkioParameters,
  BlockIoTune,
  InterfaceParameters,
  IOThreadParameters,
  LaunchSecurityParameters,
  MemoryParameters,
  NumaParameters,
  PerfEvents,
  SchedulerParameters,
} from '../../../generated/typed-parameters.js';
import { DomainLists } from './lists.js';

/** A domain's tunable parameters, as dictionaries. What a getter gives, its setter takes; unknown names libvirt refuses. */
export abstract class DomainParameters extends DomainLists {
  /**
   * Its share of the host's CPUs.
   * 64-bit values are rounded above 2^53; setInt64Mode('bigint') makes them exact.
   * @throws libvirtError
   * @see virDomainGetSchedulerParameters, since libvirt 0.2.3
   */
  schedulerParameters(): Promise<SchedulerParameters> {
    return settle(native.virDomainGetSchedulerParameters(handleOf(this)));
  }

  /**
   * Its share of the host's CPUs.
   * 64-bit values are rounded above 2^53; setInt64Mode('bigint') makes them exact.
   * @param flags VIR_DOMAIN_AFFECT_LIVE, VIR_DOMAIN_AFFECT_CONFIG or VIR_DOMAIN_AFFECT_CURRENT
   * @throws libvirtError
   * @see virDomainGetSchedulerParametersFlags, since libvirt 0.9.2
   */
  schedulerParametersFlags(flags = 0): Promise<SchedulerParameters> {
    return settle(native.virDomainGetSchedulerParametersFlags(handleOf(this), flags));
  }

  /**
   * Sets some of schedulerParameters().
   * @returns 0
   * @throws RangeError when `params` is empty or a value does not fit; TypeError for a value of another type; libvirtError
   * @see virDomainSetSchedulerParameters, since libvirt 0.2.3
   */
  async setSchedulerParameters(params: ParametersIn<SchedulerParameters>): Promise<number> {
    const given = someParameters('virDomainSetSchedulerParameters', types.SCHEDULER_PARAMETERS, params);
    return settle(native.virDomainSetSchedulerParameters(handleOf(this), given));
  }

  /**
   * Sets some of schedulerParameters().
   * @param flags VIR_DOMAIN_AFFECT_LIVE, VIR_DOMAIN_AFFECT_CONFIG or both
   * @returns 0
   * @throws RangeError when `params` is empty or a value does not fit; TypeError for a value of another type; libvirtError
   * @see virDomainSetSchedulerParametersFlags, since libvirt 0.9.2
   */
  async setSchedulerParametersFlags(params: ParametersIn<SchedulerParameters>, flags = 0): Promise<number> {
    const given = someParameters('virDomainSetSchedulerParametersFlags', types.SCHEDULER_PARAMETERS, params);
    return settle(native.virDomainSetSchedulerParametersFlags(handleOf(this), given, flags));
  }

  /**
   * Its share of the host's block I/O.
   * 64-bit values are rounded above 2^53; setInt64Mode('bigint') makes them exact.
   * @param flags VIR_DOMAIN_AFFECT_LIVE, VIR_DOMAIN_AFFECT_CONFIG or VIR_DOMAIN_AFFECT_CURRENT
   * @throws libvirtError
   * @see virDomainGetBlkioParameters, since libvirt 0.9.0
   */
  blkioParameters(flags = 0): Promise<BlkioParameters> {
    return settle(native.virDomainGetBlkioParameters(handleOf(this), flags));
  }

  /**
   * Sets some of blkioParameters().
   * @param flags VIR_DOMAIN_AFFECT_LIVE, VIR_DOMAIN_AFFECT_CONFIG or both
   * @returns 0
   * @throws RangeError when `params` is empty or a value does not fit; TypeError for a value of another type; libvirtError
   * @see virDomainSetBlkioParameters, since libvirt 0.9.0
   */
  async setBlkioParameters(params: ParametersIn<BlkioParameters>, flags = 0): Promise<number> {
    const given = someParameters('virDomainSetBlkioParameters', types.BLKIO_PARAMETERS, params);
    return settle(native.virDomainSetBlkioParameters(handleOf(this), given, flags));
  }

  /**
   * The limits of its memory, in KiB; VIR_DOMAIN_MEMORY_PARAM_UNLIMITED, 9007199254740991, is none.
   * 64-bit values are rounded above 2^53; setInt64Mode('bigint') makes them exact.
   * @param flags VIR_DOMAIN_AFFECT_LIVE, VIR_DOMAIN_AFFECT_CONFIG or VIR_DOMAIN_AFFECT_CURRENT
   * @throws libvirtError
   * @see virDomainGetMemoryParameters, since libvirt 0.8.5
   */
  memoryParameters(flags = 0): Promise<MemoryParameters> {
    return settle(native.virDomainGetMemoryParameters(handleOf(this), flags));
  }

  /**
   * Sets some of memoryParameters().
   * @param flags VIR_DOMAIN_AFFECT_LIVE, VIR_DOMAIN_AFFECT_CONFIG or both
   * @returns 0
   * @throws RangeError when `params` is empty or a value does not fit; TypeError for a value of another type; libvirtError
   * @see virDomainSetMemoryParameters, since libvirt 0.8.5
   */
  async setMemoryParameters(params: ParametersIn<MemoryParameters>, flags = 0): Promise<number> {
    const given = someParameters('virDomainSetMemoryParameters', types.MEMORY_PARAMETERS, params);
    return settle(native.virDomainSetMemoryParameters(handleOf(this), given, flags));
  }

  /**
   * Where its memory comes from.
   * 64-bit values are rounded above 2^53; setInt64Mode('bigint') makes them exact.
   * @param flags VIR_DOMAIN_AFFECT_LIVE, VIR_DOMAIN_AFFECT_CONFIG or VIR_DOMAIN_AFFECT_CURRENT
   * @throws libvirtError
   * @see virDomainGetNumaParameters, since libvirt 0.9.9
   */
  numaParameters(flags = 0): Promise<NumaParameters> {
    return settle(native.virDomainGetNumaParameters(handleOf(this), flags));
  }

  /**
   * Sets some of numaParameters().
   * @param flags VIR_DOMAIN_AFFECT_LIVE, VIR_DOMAIN_AFFECT_CONFIG or both
   * @returns 0
   * @throws RangeError when `params` is empty or a value does not fit; TypeError for a value of another type; libvirtError
   * @see virDomainSetNumaParameters, since libvirt 0.9.9
   */
  async setNumaParameters(params: ParametersIn<NumaParameters>, flags = 0): Promise<number> {
    const given = someParameters('virDomainSetNumaParameters', types.NUMA_PARAMETERS, params);
    return settle(native.virDomainSetNumaParameters(handleOf(this), given, flags));
  }

  /**
   * The bandwidth of a network interface, in KiB/s and KiB.
   * 64-bit values are rounded above 2^53; setInt64Mode('bigint') makes them exact.
   * @param device the interface's MAC address, or its name on the host
   * @param flags VIR_DOMAIN_AFFECT_LIVE, VIR_DOMAIN_AFFECT_CONFIG or VIR_DOMAIN_AFFECT_CURRENT
   * @throws libvirtError
   * @see virDomainGetInterfaceParameters, since libvirt 0.9.9
   */
  interfaceParameters(device: string, flags = 0): Promise<InterfaceParameters> {
    return settle(native.virDomainGetInterfaceParameters(handleOf(this), device, flags));
  }

  /**
   * Sets some of interfaceParameters().
   * @param device the interface's MAC address, or its name on the host
   * @param flags VIR_DOMAIN_AFFECT_LIVE, VIR_DOMAIN_AFFECT_CONFIG or both
   * @returns 0
   * @throws RangeError when `params` is empty or a value does not fit; TypeError for a value of another type; libvirtError
   * @see virDomainSetInterfaceParameters, since libvirt 0.9.9
   */
  async setInterfaceParameters(device: string, params: ParametersIn<InterfaceParameters>, flags = 0): Promise<number> {
    const given = someParameters('virDomainSetInterfaceParameters', types.INTERFACE_PARAMETERS, params);
    return settle(native.virDomainSetInterfaceParameters(handleOf(this), device, given, flags));
  }

  /**
   * The limits of a disk's throughput, in bytes/s and requests/s; 0 is none.
   * 64-bit values are rounded above 2^53; setInt64Mode('bigint') makes them exact.
   * @param disk its target, such as "vda", or its path
   * @param flags VIR_DOMAIN_AFFECT_LIVE, VIR_DOMAIN_AFFECT_CONFIG or VIR_DOMAIN_AFFECT_CURRENT
   * @throws libvirtError
   * @see virDomainGetBlockIoTune, since libvirt 0.9.8
   */
  blockIoTune(disk: string, flags = 0): Promise<BlockIoTune> {
    return settle(native.virDomainGetBlockIoTune(handleOf(this), disk, flags));
  }

  /**
   * Sets some of blockIoTune(). The others of the same kind are set to 0.
   * @param disk its target, such as "vda", or its path
   * @param flags VIR_DOMAIN_AFFECT_LIVE, VIR_DOMAIN_AFFECT_CONFIG or both
   * @returns 0
   * @throws RangeError when `params` is empty or a value does not fit; TypeError for a value of another type; libvirtError
   * @see virDomainSetBlockIoTune, since libvirt 0.9.8
   */
  async setBlockIoTune(disk: string, params: ParametersIn<BlockIoTune>, flags = 0): Promise<number> {
    const given = someParameters('virDomainSetBlockIoTune', types.BLOCK_IO_TUNE, params);
    return settle(native.virDomainSetBlockIoTune(handleOf(this), disk, given, flags));
  }

  /**
   * Which perf events are counted for it. Their counts are in conn.getAllDomainStats(VIR_DOMAIN_STATS_PERF).
   * 64-bit values are rounded above 2^53; setInt64Mode('bigint') makes them exact.
   * @param flags VIR_DOMAIN_AFFECT_LIVE, VIR_DOMAIN_AFFECT_CONFIG or VIR_DOMAIN_AFFECT_CURRENT
   * @throws libvirtError
   * @see virDomainGetPerfEvents, since libvirt 1.3.3
   */
  perfEvents(flags = 0): Promise<PerfEvents> {
    return settle(native.virDomainGetPerfEvents(handleOf(this), flags));
  }

  /**
   * Turns perf events on (true) or off (false).
   * @param flags VIR_DOMAIN_AFFECT_LIVE, VIR_DOMAIN_AFFECT_CONFIG or both
   * @returns 0
   * @throws RangeError when `params` is empty; TypeError for a value of another type; libvirtError
   * @see virDomainSetPerfEvents, since libvirt 1.3.3
   */
  async setPerfEvents(params: ParametersIn<PerfEvents>, flags = 0): Promise<number> {
    const given = someParameters('virDomainSetPerfEvents', types.PERF_EVENTS, params);
    return settle(native.virDomainSetPerfEvents(handleOf(this), given, flags));
  }

  /**
   * Sets how an I/O thread polls, in nanoseconds, and how many workers it has.
   * @param iothread_val the thread's id
   * @param flags VIR_DOMAIN_AFFECT_LIVE or VIR_DOMAIN_AFFECT_CURRENT
   * @returns 0
   * @throws RangeError when a value does not fit; TypeError for a value of another type; libvirtError
   * @see virDomainSetIOThreadParams, since libvirt 4.10.0
   */
  async setIOThreadParams(iothread_val: number, params: ParametersIn<IOThreadParameters>, flags = 0): Promise<number> {
    const given = nativeParameters('virDomainSetIOThreadParams', types.IO_THREAD_PARAMETERS, params);
    return settle(native.virDomainSetIOThreadParams(handleOf(this), iothread_val, given, flags));
  }

  /**
   * Its launch security: what a guest's owner measures and checks.
   * 64-bit values are rounded above 2^53; setInt64Mode('bigint') makes them exact.
   * @param flags unused so far
   * @throws libvirtError
   * @see virDomainGetLaunchSecurityInfo, since libvirt 4.5.0
   */
  launchSecurityInfo(flags = 0): Promise<LaunchSecurityParameters> {
    return settle(native.virDomainGetLaunchSecurityInfo(handleOf(this), flags));
  }

  /**
   * Hands the guest its launch secret.
   * @param flags unused so far
   * @returns 0
   * @throws RangeError when a value does not fit; TypeError for a value of another type; libvirtError
   * @see virDomainSetLaunchSecurityState, since libvirt 8.0.0
   */
  async setLaunchSecurityState(params: ParametersIn<LaunchSecurityParameters>, flags = 0): Promise<number> {
    const given = nativeParameters('virDomainSetLaunchSecurityState', types.LAUNCH_SECURITY_PARAMETERS, params);
    return settle(native.virDomainSetLaunchSecurityState(handleOf(this), given, flags));
  }

  /**
   * Its virtual CPUs as the guest agent sees them: `vcpus`, `online` and `offlinable` as lists such as "0-3,5".
   * @param flags unused so far
   * @throws libvirtError
   * @see virDomainGetGuestVcpus, since libvirt 2.0.0
   */
  guestVcpus(flags = 0): Promise<GuestVcpus> {
    return settle(native.virDomainGetGuestVcpus(handleOf(this), flags));
  }

  /**
   * What the guest agent tells of users, operating system, time zone, host name, file systems, disks and interfaces, under dotted names.
   * 64-bit values are rounded above 2^53; setInt64Mode('bigint') makes them exact.
   * @param types bitwise-OR of VIR_DOMAIN_GUEST_INFO_...; 0 for all that it can
   * @param flags unused so far
   * @throws libvirtError
   * @see virDomainGetGuestInfo, since libvirt 5.7.0
   */
  guestInfo(types = 0, flags = 0): Promise<TypedParameters> {
    return settle(native.virDomainGetGuestInfo(handleOf(this), types, flags));
  }
}
