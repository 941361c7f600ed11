import { type DomainPlan, onQemu } from './plan.js';

/** Seconds between two readings of the balloon, which feed memory metrics. */
const BALLOON_PERIOD_SECONDS = 10;

/** What a guest runs better with: agent, random numbers, balloon, watchdog. */
export function comfortDevices(plan: DomainPlan) {
  const { agent, rng, rngBytesPerSecond, balloon, watchdog } = plan.spec.devices ?? {};
  const byDefault = onQemu(plan) ? 'on' : 'off';
  return {
    ...((agent ?? byDefault) === 'on' && {
      channel: { '@type': 'unix', target: { '@type': 'virtio', '@name': 'org.qemu.guest_agent.0' } },
    }),
    ...(watchdog && { watchdog: { '@model': 'i6300esb', '@action': watchdog } }),
    ...((rng ?? byDefault) === 'on' && {
      rng: {
        '@model': 'virtio',
        ...(rngBytesPerSecond !== undefined && { rate: { '@bytes': rngBytesPerSecond, '@period': 1000 } }),
        backend: { '@model': 'random', '#text': '/dev/urandom' },
      },
    }),
    ...((balloon ?? byDefault) === 'on' && {
      memballoon: { '@model': 'virtio', '@autodeflate': 'on', stats: { '@period': BALLOON_PERIOD_SECONDS } },
    }),
    // libvirt adds one when none is named.
    ...(balloon === 'off' && { memballoon: { '@model': 'none' } }),
  };
}
