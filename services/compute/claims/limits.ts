/** How much of a host guests may have; the settings NOVALET_VCPU_RATIO and those beside it. */
export interface ClaimLimits {
  /** Vcpus to promise for each CPU that guests share. */
  readonly vcpuRatio: number;
  readonly memoryRatio: number;
  readonly memoryReserveMiB: number;
  readonly diskRatio: number;
  readonly diskReserveMiB: number;
  /** CPUs that guests may be pinned to; null: all of them. */
  readonly pinnedCpus: readonly number[] | null;
  /** CPUs that guests share which are not pinned; null: all that pins may not have. */
  readonly sharedCpus: readonly number[] | null;
}

/** What the host has. Absent: it cannot be told, and nothing is refused for want of it. */
export interface Capacity {
  readonly cpus?: readonly number[] | undefined;
  /** Ordinary memory: without what is set aside as huge pages. */
  readonly memoryMiB?: number | undefined;
  /** The file system of the instances. */
  readonly disk?: { readonly totalMiB: number; readonly freeMiB: number } | undefined;
  /** Huge pages that are set aside, by size in KiB. */
  readonly hugepages?: ReadonlyMap<number, number> | undefined;
}

/** The CPUs that guests share; undefined: nobody knows. */
export function sharedCpusOf({ pinnedCpus, sharedCpus }: ClaimLimits, cpus: Capacity['cpus']): readonly number[] | undefined {
  if (sharedCpus) return cpus ? sharedCpus.filter((cpu) => cpus.includes(cpu)) : sharedCpus;
  return pinnedCpus ? cpus?.filter((cpu) => !pinnedCpus.includes(cpu)) : cpus;
}
