import type { ClaimLine } from '../../common/messages/spawn-plan.js';
import type { Demand } from './demand.js';
import { type Capacity, type ClaimLimits, sharedCpusOf } from './limits.js';

/** One resource of the host: how much there is, and how much of it guests have. */
export interface Room {
  readonly resource: ClaimLine['resource'];
  readonly unit: string;
  readonly pageSizeKiB?: number;
  /** What may be promised, the reserve included; undefined: nobody knows. */
  readonly total: number | undefined;
  readonly reserved: number;
  readonly claimed: number;
  /** The settings that make it more. */
  readonly settings: string;
}

/** The demands of many guests as one. */
export interface Sum {
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly diskMiB: number;
  readonly pinnedCpus: ReadonlySet<number>;
  /** Pages by size in KiB. */
  readonly hugepages: ReadonlyMap<number, number>;
}

export function sumOf(demands: Iterable<Demand>): Sum {
  let [vcpus, memoryMiB, diskMiB] = [0, 0, 0];
  const pinnedCpus = new Set<number>();
  const hugepages = new Map<number, number>();
  for (const demand of demands) {
    vcpus += demand.vcpus;
    memoryMiB += demand.memoryMiB;
    diskMiB += demand.diskMiB;
    for (const cpu of demand.pinnedCpus) pinnedCpus.add(cpu);
    if (demand.hugepages) {
      const { pageSizeKiB, pages } = demand.hugepages;
      hugepages.set(pageSizeKiB, (hugepages.get(pageSizeKiB) ?? 0) + pages);
    }
  }
  return { vcpus, memoryMiB, diskMiB, pinnedCpus, hugepages };
}

/** Every resource of the host, as it stands. */
export function roomsOf(capacity: Capacity, limits: ClaimLimits, claimed: Sum): Room[] {
  const shared = sharedCpusOf(limits, capacity.cpus);
  const pinnable = pinnableCpus(capacity, limits);
  const times = (amount: number | undefined, ratio: number) => (amount === undefined ? undefined : Math.floor(amount * ratio));
  return [
    {
      resource: 'vcpus',
      unit: 'vcpus',
      total: times(shared?.length, limits.vcpuRatio),
      reserved: 0,
      claimed: claimed.vcpus,
      settings: 'NOVALET_VCPU_RATIO, NOVALET_SHARED_CPUS',
    },
    {
      resource: 'memory',
      unit: 'MiB',
      total: times(capacity.memoryMiB, limits.memoryRatio),
      reserved: limits.memoryReserveMiB,
      claimed: claimed.memoryMiB,
      settings: 'NOVALET_MEMORY_RATIO, NOVALET_MEMORY_RESERVE_MIB',
    },
    {
      resource: 'disk',
      unit: 'MiB',
      total: times(capacity.disk?.totalMiB, limits.diskRatio),
      reserved: limits.diskReserveMiB,
      claimed: claimed.diskMiB,
      settings: 'NOVALET_DISK_RATIO, NOVALET_DISK_RESERVE_MIB',
    },
    {
      resource: 'pinned-cpus',
      unit: 'CPUs',
      total: pinnable?.length,
      reserved: 0,
      claimed: claimed.pinnedCpus.size,
      settings: 'NOVALET_PINNED_CPUS',
    },
    ...[...new Set([...(capacity.hugepages?.keys() ?? []), ...claimed.hugepages.keys()])].map((pageSizeKiB) => ({
      resource: 'hugepages' as const,
      unit: `pages of ${pageSizeKiB} KiB`,
      pageSizeKiB,
      total: capacity.hugepages && (capacity.hugepages.get(pageSizeKiB) ?? 0),
      reserved: 0,
      claimed: claimed.hugepages.get(pageSizeKiB) ?? 0,
      settings: `nr_hugepages of hugepages-${pageSizeKiB}kB in /sys/kernel/mm/hugepages`,
    })),
  ];
}

/** CPUs that guests may be pinned to; undefined: nobody knows. */
export function pinnableCpus({ cpus }: Capacity, { pinnedCpus }: ClaimLimits): readonly number[] | undefined {
  return pinnedCpus ? pinnedCpus.filter((cpu) => !cpus || cpus.includes(cpu)) : cpus;
}
