import { ComputeError } from '../../../../common/errors.js';
import type { InterfaceSpec } from '../../../../common/messages/guest/interface.js';
import type { InstanceSpec } from '../../../../common/messages/instance-spec.js';
import type { DomainCapabilities } from './domain-capabilities.js';
import type { Offer } from './host-offers.js';
import { namedInterfaces } from './network-rights.js';

/** Something that the hypervisor may not have. */
export interface Need {
  /** The field that asks for it. */
  readonly field: string;
  readonly what: string;
  readonly wanted: string | number;
  /** What there is of the kind; null when nobody knows: then the hypervisor has the last word. */
  readonly there: (offer: Offer) => readonly (string | number)[] | null;
}

const SHOWN = 20;

/** All that a spec asks of the hypervisor beyond what every one of them has. */
export function hypervisorNeeds(spec: InstanceSpec): Need[] {
  const needs: Need[] = [];
  const need = (field: string, what: string, wanted: string | number | undefined, there: Need['there']) => {
    if (wanted !== undefined) needs.push({ field: `instance.${field}`, what, wanted, there });
  };
  const of = (part: (domain: DomainCapabilities) => readonly string[] | boolean | null) => (offer: Offer) =>
    listed(offer.domain && part(offer.domain));

  need('machine', 'machine', spec.machine, () => null); // the question itself is refused when there is none
  if (spec.firmware === 'uefi')
    need(
      'firmware',
      'firmware',
      'efi',
      of(({ firmware }) => firmware),
    );
  if (spec.secureBoot)
    need(
      'secureBoot',
      'firmware with secure boot',
      'yes',
      of(({ secureLoader }) => secureLoader),
    );
  need(
    'cpu.mode',
    'CPU mode',
    spec.cpu?.mode,
    of(({ cpuModes }) => cpuModes),
  );
  need(
    'cpu.model',
    'usable CPU model',
    spec.cpu?.model,
    of(({ cpuModels }) => cpuModels),
  );
  if (spec.iothreads !== undefined)
    need(
      'iothreads',
      'iothreads',
      'yes',
      of(({ iothreads }) => iothreads),
    );
  if (spec.vmcoreinfo)
    need(
      'vmcoreinfo',
      'vmcoreinfo',
      'yes',
      of(({ vmcoreinfo }) => vmcoreinfo),
    );
  for (const [index, { bus }] of (spec.disks ?? []).entries())
    need(
      `disks[${index}].bus`,
      'disk bus',
      bus,
      of(({ diskBuses }) => diskBuses),
    );
  if (spec.devices?.vnc === 'on') {
    need(
      'devices.vnc',
      'graphics',
      'vnc',
      of(({ graphics }) => graphics),
    );
    need(
      'devices.video',
      'video model',
      spec.devices.video ?? 'virtio',
      of(({ video }) => video),
    );
  } else
    need(
      'devices.video',
      'video model',
      spec.devices?.video,
      of(({ video }) => video),
    );
  for (const { nic, at } of namedInterfaces(spec)) needs.push(...interfaceNeeds(nic, at));
  const { pins = [], emulatorPins = [], iothreadPins = [] } = spec.cpuTune ?? {};
  for (const [vcpu, cpus] of pins.entries()) for (const cpu of cpus) need(`cpuTune.pins[${vcpu}]`, 'CPU', cpu, ({ cpus }) => cpus);
  for (const cpu of emulatorPins) need('cpuTune.emulatorPins', 'CPU', cpu, ({ cpus }) => cpus);
  for (const cpu of iothreadPins) need('cpuTune.iothreadPins', 'CPU', cpu, ({ cpus }) => cpus);
  return needs;
}

/** What one interface asks of it. @param at where it stands in the message */
export function interfaceNeeds({ kind }: InterfaceSpec, at: string): Need[] {
  if (kind !== 'passt') return [];
  return [{ field: `${at}.kind`, what: 'network backend', wanted: kind, there: ({ domain }) => domain?.interfaceBackends ?? null }];
}

/** @throws unsupported for the first need that is not met */
export function refuseMissing(needs: readonly Need[], offer: Offer, guests: string): void {
  for (const { field, what, wanted, there } of needs) {
    const had = there(offer);
    if (had === null || had.includes(wanted)) continue;
    const shown = had.slice(0, SHOWN).join(', ') + (had.length > SHOWN ? ` and ${had.length - SHOWN} more` : '');
    const message = `${field}: this host has no ${what} ${wanted} for ${guests}; it has ${shown || 'none'}`;
    throw new ComputeError('unsupported', message, { field });
  }
}

function listed(said: readonly string[] | boolean | null): readonly string[] | null {
  return typeof said === 'boolean' ? (said ? ['yes'] : []) : said;
}
