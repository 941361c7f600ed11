import type { ComputeSettings } from '../settings.js';
import type { ClaimLimits } from './limits.js';

/** How much of the host guests may have, by the worker's settings. */
export function claimLimits(settings: ComputeSettings): ClaimLimits {
  return {
    vcpuRatio: settings.NOVALET_VCPU_RATIO,
    memoryRatio: settings.NOVALET_MEMORY_RATIO,
    memoryReserveMiB: settings.NOVALET_MEMORY_RESERVE_MIB,
    diskRatio: settings.NOVALET_DISK_RATIO,
    diskReserveMiB: settings.NOVALET_DISK_RESERVE_MIB,
    pinnedCpus: settings.NOVALET_PINNED_CPUS ?? null,
    sharedCpus: settings.NOVALET_SHARED_CPUS ?? null,
  };
}
