import { XMLBuilder } from 'fast-xml-parser';
import { clock } from './domain-xml/clock.js';
import { console } from './domain-xml/console.js';
import { controllers } from './domain-xml/controllers.js';
import { cpu } from './domain-xml/cpu.js';
import { disks } from './domain-xml/disks.js';
import { features } from './domain-xml/features.js';
import { comfortDevices } from './domain-xml/comfort-devices.js';
import { interfaces } from './domain-xml/interfaces.js';
import { os } from './domain-xml/os.js';
import { type DomainPlan, onQemu } from './domain-xml/plan.js';
import { sysinfo } from './domain-xml/sysinfo.js';
import { memoryBacking, tuning } from './domain-xml/tuning.js';
import { marksElement } from './metadata.js';

export type { DomainPlan, VirtType } from './domain-xml/plan.js';

const builder = new XMLBuilder({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  suppressBooleanAttributes: false,
  suppressEmptyNode: true,
  processEntities: true,
});

export function domainName(id: string): string {
  return `novalet-${id}`;
}

/** An element of libvirt's as text: `@name` is an attribute, a list is repeated. Everything that a user supplied is escaped here. */
export function elementXml(element: object): string {
  return builder.build(element);
}

/** The libvirt domain for an instance, a file for each of its parts. */
export function domainXml(plan: DomainPlan): string {
  const { spec } = plan;
  return elementXml({
    domain: {
      '@type': plan.virtType,
      name: domainName(spec.id),
      uuid: spec.id,
      title: spec.name,
      metadata: marksElement(plan),
      memory: { '@unit': 'MiB', '#text': spec.memoryMiB },
      ...memoryBacking(spec),
      vcpu: spec.vcpus,
      ...tuning(spec),
      ...(onQemu(plan) && { sysinfo: sysinfo(spec) }),
      os: os(plan),
      ...features(plan),
      ...cpu(plan),
      clock: clock(plan),
      on_poweroff: 'destroy',
      on_reboot: 'restart',
      on_crash: 'destroy',
      devices: {
        disk: disks(plan),
        controller: controllers(plan),
        interface: interfaces(plan),
        ...console(plan),
        ...comfortDevices(plan),
      },
    },
  });
}
