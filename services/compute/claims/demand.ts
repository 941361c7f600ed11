import type { InstanceSpec } from '../../common/messages/instance-spec.js';

/** What one guest takes of its host. */
export interface Demand {
  /** Of the processors that guests share; 0 for a guest whose vcpus are pinned: it has cores of its own. */
  readonly vcpus: number;
  /** Of ordinary memory; 0 for a guest in huge pages. */
  readonly memoryMiB: number;
  /** What its disks may grow to, each rounded up. */
  readonly diskMiB: number;
  /** Numbers of the host's CPUs that no other guest may be pinned to. */
  readonly pinnedCpus: readonly number[];
  readonly hugepages?: { readonly pageSizeKiB: number; readonly pages: number } | undefined;
  /** Of a guest that is none of ours: it counts while it runs. */
  readonly isOthers?: true;
}

/** Where a guest runs and what its memory lies in, whoever describes it. */
export interface Shape {
  readonly vcpus: number;
  readonly memoryKiB: number;
  /** The CPUs of each vcpu that is pinned. */
  readonly pins: readonly (readonly number[])[];
  readonly pageSizeKiB?: number | undefined;
}

const KIB_PER_MIB = 1024;

export function demandOfShape({ vcpus, memoryKiB, pins, pageSizeKiB }: Shape, diskMiB: number): Demand {
  return {
    vcpus: Math.max(0, vcpus - pins.length),
    memoryMiB: pageSizeKiB === undefined ? Math.ceil(memoryKiB / KIB_PER_MIB) : 0,
    diskMiB,
    pinnedCpus: [...new Set(pins.flat())].sort((a, b) => a - b),
    ...(pageSizeKiB !== undefined && { hugepages: { pageSizeKiB, pages: Math.ceil(memoryKiB / pageSizeKiB) } }),
  };
}

/** All that it can have while it runs. @param diskMiB what its disks may grow to */
export function demandOf({ vcpus, maxVcpus = vcpus, memoryMiB, cpuTune, hugepages }: InstanceSpec, diskMiB: number): Demand {
  const shape = { vcpus: maxVcpus, memoryKiB: memoryMiB * KIB_PER_MIB, pins: cpuTune?.pins ?? [], pageSizeKiB: hugepages?.pageSizeKiB };
  return demandOfShape(shape, diskMiB);
}

/** How much more of each a guest is to have; negative: less, absent: as it is. */
export interface Growth {
  readonly vcpus?: number | undefined;
  readonly memoryMiB?: number | undefined;
  readonly diskMiB?: number | undefined;
}

/** A vcpu that comes later is not pinned; memory comes from where the guest's memory lies. */
export function grown(demand: Demand, { vcpus = 0, memoryMiB = 0, diskMiB = 0 }: Growth): Demand {
  const pages = demand.hugepages;
  return {
    ...demand,
    vcpus: Math.max(0, demand.vcpus + vcpus),
    memoryMiB: pages ? demand.memoryMiB : demand.memoryMiB + memoryMiB,
    diskMiB: demand.diskMiB + diskMiB,
    ...(pages && { hugepages: { ...pages, pages: pages.pages + Math.ceil((memoryMiB * KIB_PER_MIB) / pages.pageSizeKiB) } }),
  };
}
