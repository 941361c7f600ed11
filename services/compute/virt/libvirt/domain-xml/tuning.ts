import type { InstanceSpec } from '../../../../common/messages/instance-spec.js';
import type { DomainPlan } from './plan.js';

/** How the host's processors are shared out, and the threads that disks have of their own. */
export function tuning({ cpuTune, iothreads }: InstanceSpec) {
  return { ...(iothreads !== undefined && { iothreads }), ...(cpuTune && { cputune: cputune(cpuTune, iothreads ?? 0) }) };
}

function cputune(tune: NonNullable<InstanceSpec['cpuTune']>, iothreads: number) {
  const { shares, quotaMicroseconds, periodMicroseconds, pins = [], emulatorPins, iothreadPins } = tune;
  return {
    ...(shares !== undefined && { shares }),
    ...(periodMicroseconds !== undefined && { period: periodMicroseconds }),
    ...(quotaMicroseconds !== undefined && { quota: quotaMicroseconds }),
    vcpupin: pins.map((cpus, vcpu) => ({ '@vcpu': vcpu, '@cpuset': cpuSet(cpus) })),
    ...(emulatorPins && { emulatorpin: { '@cpuset': cpuSet(emulatorPins) } }),
    iothreadpin: iothreadPins ? Array.from({ length: iothreads }, (_, i) => ({ '@iothread': i + 1, '@cpuset': cpuSet(iothreadPins) })) : [],
  };
}

const cpuSet = (cpus: readonly number[]): string => [...cpus].sort((a, b) => a - b).join(',');

export function memoryBacking({ hugepages }: InstanceSpec) {
  if (!hugepages) return {};
  return { memoryBacking: { hugepages: { page: { '@size': hugepages.pageSizeKiB, '@unit': 'KiB' } } } };
}

export function vcpus({ spec, sharedCpus }: Pick<DomainPlan, 'spec' | 'sharedCpus'>) {
  const { vcpus: current, maxVcpus: most = current } = spec;
  return {
    ...(sharedCpus && { '@cpuset': cpuSet(sharedCpus) }),
    ...(most > current && { '@current': current }),
    '#text': most,
  };
}
