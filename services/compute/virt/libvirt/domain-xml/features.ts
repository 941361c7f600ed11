import { type DomainPlan, onQemu } from './plan.js';

/** QEMU's cache of translated code is 1 GiB by default: many small guests would not fit their host. */
const TB_CACHE_MIB = 32;

const ON = { '@state': 'on' };
/** What Windows is quicker with, by libvirt's names, each with what it needs beside being on. */
const HYPERV: Readonly<Record<string, object>> = {
  relaxed: {},
  vapic: {},
  spinlocks: { '@retries': 8191 },
  vpindex: {},
  runtime: {},
  synic: {},
  reset: {},
  frequencies: {},
  tlbflush: {},
  ipi: {},
};

/** Nothing for the test driver when nothing is asked for. */
export function features(plan: DomainPlan) {
  const { spec, virtType } = plan;
  const asked = {
    ...(spec.vmcoreinfo && { vmcoreinfo: {} }),
    ...(spec.pmu !== undefined && { pmu: { '@state': spec.pmu } }),
    ...(spec.hideKvm && { kvm: { hidden: ON } }),
    ...(spec.secureBoot && { smm: ON }),
    ...(spec.osType === 'windows' && virtType === 'kvm' && { hyperv: hyperv(plan) }),
  };
  if (!onQemu(plan)) return Object.keys(asked).length > 0 ? { features: asked } : {};
  const tcg = { 'tb-cache': { '@unit': 'MiB', '#text': TB_CACHE_MIB } };
  return { features: { acpi: {}, apic: {}, ...asked, ...(virtType === 'qemu' && { tcg }) } };
}

/** Only KVM has them, and only those that this host's KVM has. */
function hyperv({ hyperv: there }: DomainPlan) {
  const had = Object.entries(HYPERV).filter(([name]) => there?.has(name) ?? true);
  return Object.fromEntries(had.map(([name, more]) => [name, { ...ON, ...more }]));
}
