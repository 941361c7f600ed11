import type { DomainPlan } from './plan.js';

/** Windows takes the hardware clock for local time. Under KVM: timers that catch up on ticks that the guest missed, and none that is slow to read. */
export function clock({ spec, virtType }: DomainPlan) {
  const windows = spec.osType === 'windows';
  const timer = [
    { '@name': 'pit', '@tickpolicy': 'delay' },
    { '@name': 'rtc', '@tickpolicy': 'catchup' },
    { '@name': 'hpet', '@present': 'no' },
    ...(windows ? [{ '@name': 'hypervclock', '@present': 'yes' }] : []),
  ];
  const kvmOnX86 = virtType === 'kvm' && process.arch === 'x64';
  return { '@offset': windows ? 'localtime' : 'utc', ...(kvmOnX86 && { timer }) };
}
