import { handleOf, settle } from '../../handle.js';
import { native } from '../../native.js';
import type { CPUMap, VcpuInfo } from '../../shapes.js';
import { DomainFacts } from './facts.js';

/** On which of the host's CPUs a domain runs. */
export abstract class DomainCPUs extends DomainFacts {
  /**
   * Its virtual CPUs, and where each may run.
   * 64-bit values are rounded above 2^53; setInt64Mode('bigint') makes them exact.
   * @returns [[number, state (VIR_VCPU_...), cpuTime in nanoseconds, CPU of the host or -1] of each, a boolean for each of the host's CPUs of each]
   * @throws libvirtError
   * @see virDomainGetVcpus, since libvirt 0.1.4
   */
  vcpus(): Promise<[vcpus: VcpuInfo[], cpumaps: CPUMap[]]> {
    return settle(native.virDomainGetVcpus(handleOf(this)));
  }

  /**
   * Where each virtual CPU may run.
   * @param flags VIR_DOMAIN_AFFECT_LIVE, VIR_DOMAIN_AFFECT_CONFIG or VIR_DOMAIN_AFFECT_CURRENT
   * @throws libvirtError
   * @see virDomainGetVcpuPinInfo, since libvirt 0.9.3
   */
  vcpuPinInfo(flags = 0): Promise<CPUMap[]> {
    return settle(native.virDomainGetVcpuPinInfo(handleOf(this), flags));
  }

  /**
   * Where the emulator's other threads may run.
   * @param flags VIR_DOMAIN_AFFECT_LIVE, VIR_DOMAIN_AFFECT_CONFIG or VIR_DOMAIN_AFFECT_CURRENT
   * @throws libvirtError
   * @see virDomainGetEmulatorPinInfo, since libvirt 0.10.0
   */
  emulatorPinInfo(flags = 0): Promise<CPUMap> {
    return settle(native.virDomainGetEmulatorPinInfo(handleOf(this), flags));
  }

  /**
   * Its I/O threads, and where each may run.
   * @param flags VIR_DOMAIN_AFFECT_LIVE, VIR_DOMAIN_AFFECT_CONFIG or VIR_DOMAIN_AFFECT_CURRENT
   * @throws libvirtError
   * @see virDomainGetIOThreadInfo, since libvirt 1.2.14
   */
  ioThreadInfo(flags = 0): Promise<[id: number, cpumap: CPUMap][]> {
    return settle(native.virDomainGetIOThreadInfo(handleOf(this), flags));
  }

  /**
   * Says where a virtual CPU may run.
   * @param cpumap true for every CPU of the host that it may use; what is left out is false
   * @returns 0
   * @throws libvirtError
   * @see virDomainPinVcpu, since libvirt 0.1.4
   */
  pinVcpu(vcpu: number, cpumap: readonly boolean[]): Promise<number> {
    return settle(native.virDomainPinVcpu(handleOf(this), vcpu, cpumap));
  }

  /**
   * Says where a virtual CPU may run.
   * @param cpumap true for every CPU of the host that it may use; what is left out is false
   * @param flags VIR_DOMAIN_AFFECT_LIVE, VIR_DOMAIN_AFFECT_CONFIG or both
   * @returns 0
   * @throws libvirtError
   * @see virDomainPinVcpuFlags, since libvirt 0.9.3
   */
  pinVcpuFlags(vcpu: number, cpumap: readonly boolean[], flags = 0): Promise<number> {
    return settle(native.virDomainPinVcpuFlags(handleOf(this), vcpu, cpumap, flags));
  }

  /**
   * Says where the emulator's other threads may run.
   * @param cpumap true for every CPU of the host that they may use; what is left out is false
   * @param flags VIR_DOMAIN_AFFECT_LIVE, VIR_DOMAIN_AFFECT_CONFIG or both
   * @returns 0
   * @throws libvirtError
   * @see virDomainPinEmulator, since libvirt 0.10.0
   */
  pinEmulator(cpumap: readonly boolean[], flags = 0): Promise<number> {
    return settle(native.virDomainPinEmulator(handleOf(this), cpumap, flags));
  }

  /**
   * Says where an I/O thread may run.
   * @param iothread_val the thread's id
   * @param cpumap true for every CPU of the host that it may use; what is left out is false
   * @param flags VIR_DOMAIN_AFFECT_LIVE, VIR_DOMAIN_AFFECT_CONFIG or both
   * @returns 0
   * @throws libvirtError
   * @see virDomainPinIOThread, since libvirt 1.2.14
   */
  pinIOThread(iothread_val: number, cpumap: readonly boolean[], flags = 0): Promise<number> {
    return settle(native.virDomainPinIOThread(handleOf(this), iothread_val, cpumap, flags));
  }
}
