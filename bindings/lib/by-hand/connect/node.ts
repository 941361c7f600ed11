import { handleOf, settle } from '../../handle.js';
import type { Int64, Int64In } from '../../int64.js';
import { native } from '../../native.js';
import type { CPUMap, NodeInfo } from '../../shapes.js';
import { someParameters, type ParametersIn } from '../../typed-parameters.js';
import * as types from '../../../generated/typed-parameter-types.js';
import type { NodeCPUStats, NodeMemoryParameters, NodeMemoryStats, SEVInfo } from '../../../generated/typed-parameters.js';
import { ConnectLists } from './lists.js';

/** Huge pages to have: their number by their size in KiB. */
export type PageCounts = Readonly<Record<number, Int64In>> | ReadonlyMap<number, Int64In>;

/** The host itself. */
export abstract class ConnectNode extends ConnectLists {
  /**
   * The version of the hypervisor, as major * 1000000 + minor * 1000 + release.
   * @throws libvirtError
   * @see virConnectGetVersion, since libvirt 0.0.3
   */
  getVersion(): Promise<number> {
    return settle(native.virConnectGetVersion(handleOf(this)));
  }

  /**
   * The version of libvirt at the other end, as major * 1000000 + minor * 1000 + release.
   * @throws libvirtError
   * @see virConnectGetLibVersion, since libvirt 0.7.3
   */
  getLibVersion(): Promise<number> {
    return settle(native.virConnectGetLibVersion(handleOf(this)));
  }

  /**
   * The host's hardware.
   * 64-bit values are rounded above 2^53; setInt64Mode('bigint') makes them exact.
   * @returns [CPU model, memory in MiB, CPUs, MHz, NUMA cells, sockets of a cell, cores of a socket, threads of a core]
   * @throws libvirtError
   * @see virNodeGetInfo, since libvirt 0.1.0
   */
  getInfo(): Promise<NodeInfo> {
    return settle(native.virNodeGetInfo(handleOf(this)));
  }

  /**
   * The host's security driver.
   * @returns [model, domain of interpretation]
   * @throws libvirtError
   * @see virNodeGetSecurityModel, since libvirt 0.6.1
   */
  getSecurityModel(): Promise<[model: string, doi: string]> {
    return settle(native.virNodeGetSecurityModel(handleOf(this)));
  }

  /**
   * Which of the host's CPUs are online.
   * @param flags unused so far
   * @returns [how many there are, true for each that is online, how many are online]
   * @throws libvirtError
   * @see virNodeGetCPUMap, since libvirt 1.0.0
   */
  getCPUMap(flags = 0): Promise<[ncpus: number, cpumap: CPUMap, online: number]> {
    return settle(native.virNodeGetCPUMap(handleOf(this), flags));
  }

  /**
   * CPU time of the host since it started, in nanoseconds.
   * 64-bit values are rounded above 2^53; setInt64Mode('bigint') makes them exact.
   * @param cpuNum one CPU, or VIR_NODE_CPU_STATS_ALL_CPUS
   * @param flags unused so far
   * @throws libvirtError
   * @see virNodeGetCPUStats, since libvirt 0.9.3
   */
  getCPUStats(cpuNum: number, flags = 0): Promise<NodeCPUStats> {
    return settle(native.virNodeGetCPUStats(handleOf(this), cpuNum, flags));
  }

  /**
   * The host's memory, in KiB.
   * 64-bit values are rounded above 2^53; setInt64Mode('bigint') makes them exact.
   * @param cellNum one NUMA cell, or VIR_NODE_MEMORY_STATS_ALL_CELLS
   * @param flags unused so far
   * @throws libvirtError
   * @see virNodeGetMemoryStats, since libvirt 0.9.3
   */
  getMemoryStats(cellNum: number, flags = 0): Promise<NodeMemoryStats> {
    return settle(native.virNodeGetMemoryStats(handleOf(this), cellNum, flags));
  }

  /**
   * How the host merges pages of the same content.
   * 64-bit values are rounded above 2^53; setInt64Mode('bigint') makes them exact.
   * @param flags unused so far
   * @throws libvirtError
   * @see virNodeGetMemoryParameters, since libvirt 0.10.2
   */
  getMemoryParameters(flags = 0): Promise<NodeMemoryParameters> {
    return settle(native.virNodeGetMemoryParameters(handleOf(this), flags));
  }

  /**
   * Sets some of getMemoryParameters().
   * @param flags unused so far
   * @returns 0
   * @throws RangeError when `params` is empty or a value does not fit; TypeError for a value of another type; libvirtError
   * @see virNodeSetMemoryParameters, since libvirt 0.10.2
   */
  async setMemoryParameters(params: ParametersIn<NodeMemoryParameters>, flags = 0): Promise<number> {
    const given = someParameters('virNodeSetMemoryParameters', types.NODE_MEMORY_PARAMETERS, params);
    return settle(native.virNodeSetMemoryParameters(handleOf(this), given, flags));
  }

  /**
   * What the host's AMD SEV can do.
   * 64-bit values are rounded above 2^53; setInt64Mode('bigint') makes them exact.
   * @param flags unused so far
   * @throws libvirtError
   * @see virNodeGetSEVInfo, since libvirt 4.5.0
   */
  getSEVInfo(flags = 0): Promise<SEVInfo> {
    return settle(native.virNodeGetSEVInfo(handleOf(this), flags));
  }

  /**
   * The free memory of NUMA cells, in bytes.
   * 64-bit values are rounded above 2^53; setInt64Mode('bigint') makes them exact.
   * @param startCell the first one
   * @param maxCells at most this many
   * @throws libvirtError; without `err` when startCell is negative, maxCells not positive, or both together over 10000
   * @see virNodeGetCellsFreeMemory, since libvirt 0.3.3
   */
  getCellsFreeMemory(startCell: number, maxCells: number): Promise<Int64[]> {
    return settle(native.virNodeGetCellsFreeMemory(handleOf(this), startCell, maxCells));
  }

  /**
   * How many huge pages are free in NUMA cells.
   * 64-bit values are rounded above 2^53; setInt64Mode('bigint') makes them exact.
   * @param pages their sizes in KiB
   * @param startCell the first cell; -1: the whole host
   * @param maxCells how many cells
   * @param flags unused so far
   * @returns for every cell, the number of free pages by their size in KiB
   * @throws RangeError when maxCells is 0; libvirtError
   * @see virNodeGetFreePages, since libvirt 1.2.6
   */
  async getFreePages(
    pages: readonly number[],
    startCell: number,
    maxCells: number,
    flags = 0,
  ): Promise<Record<number, Record<number, Int64>>> {
    if (maxCells === 0) throw new RangeError('virNodeGetFreePages: maxCells must not be 0');
    return settle(native.virNodeGetFreePages(handleOf(this), pages, startCell, maxCells, flags));
  }

  /**
   * Sets how many huge pages NUMA cells have.
   * @param pages their number by their size in KiB, as an object or a Map
   * @param startCell the first cell; -1: the whole host
   * @param cellCount how many cells
   * @param flags VIR_NODE_ALLOC_PAGES_ADD (0): so many more, VIR_NODE_ALLOC_PAGES_SET: so many
   * @returns how many cells were changed
   * @throws RangeError when `pages` is empty; TypeError; libvirtError
   * @see virNodeAllocPages, since libvirt 1.2.9
   */
  async allocPages(pages: PageCounts, startCell = 0, cellCount = 0, flags = 0): Promise<number> {
    if (typeof pages !== 'object' || pages === null || Array.isArray(pages)) {
      throw new TypeError('virNodeAllocPages: pages must be an object or a Map of page sizes and counts');
    }
    const entries = pages instanceof Map ? [...(pages as ReadonlyMap<number, Int64In>)] : Object.entries(pages as Record<number, Int64In>);
    if (entries.length === 0) throw new RangeError('virNodeAllocPages: pages must name at least one page size');
    const sizes = entries.map(([size]) => Number(size));
    const counts = entries.map(([, count]) => count);
    return settle(native.virNodeAllocPages(handleOf(this), sizes, counts, startCell, cellCount, flags));
  }

  /**
   * The CPU that all of the given CPUs can pretend to be.
   * @param xmlCPUs <cpu> elements
   * @param flags bitwise-OR of VIR_CONNECT_BASELINE_CPU_...
   * @returns a <cpu> element
   * @throws libvirtError
   * @see virConnectBaselineCPU, since libvirt 0.7.7
   */
  baselineCPU(xmlCPUs: readonly string[], flags = 0): Promise<string> {
    return settle(native.virConnectBaselineCPU(handleOf(this), xmlCPUs, flags));
  }

  /**
   * The CPU that all of the given CPUs can pretend to be, and that the hypervisor can give.
   * @param emulator the hypervisor's path; null for the default one, so too the next three
   * @param arch such as "x86_64"
   * @param machine the machine type
   * @param virttype such as "kvm"
   * @param xmlCPUs <cpu> elements
   * @param flags bitwise-OR of VIR_CONNECT_BASELINE_CPU_...
   * @returns a <cpu> element
   * @throws libvirtError
   * @see virConnectBaselineHypervisorCPU, since libvirt 4.4.0
   */
  baselineHypervisorCPU(
    emulator: string | null,
    arch: string | null,
    machine: string | null,
    virttype: string | null,
    xmlCPUs: readonly string[],
    flags = 0,
  ): Promise<string> {
    return settle(native.virConnectBaselineHypervisorCPU(handleOf(this), emulator, arch, machine, virttype, xmlCPUs, flags));
  }
}
