import type { InstanceState } from '../../../common/messages/results.js';
import { withInterface, withoutInterface } from '../../instances/spec-now.js';
import type { AttachInterfaceRequest, DetachInterfaceRequest } from '../../ports.js';
import { mustAct } from '../../power-table.js';
import type { Changing } from './changing.js';
import { attribute, child } from './definition.js';
import { elementXml } from './domain-xml.js';
import { networkInterface } from './domain-xml/interfaces.js';
import { type Device, plug, unplug } from './plug.js';

const interfaceDevice = (mac: string): Device => ({
  name: `interface ${mac}`,
  find: (definition) =>
    definition.devices('interface').find((found) => attribute(child(found, 'mac'), 'address')?.toLowerCase() === mac.toLowerCase()),
});

export function attachInterface(changing: Changing, { nic, mac }: AttachInterfaceRequest): Promise<InstanceState> {
  return changing.run({
    name: 'attachInterface',
    spec: (before) => withInterface(before, nic, mac),
    mustAct: ({ own }) => mustAct('attach', own.powerState, `attachInterface ${changing.id}`),
    act: ({ own }) => plug(changing, own, interfaceDevice(mac), elementXml({ interface: networkInterface(nic, mac) })),
  });
}

export function detachInterface(changing: Changing, { mac, graceMs }: DetachInterfaceRequest): Promise<InstanceState> {
  return changing.run({
    name: 'detachInterface',
    spec: (before) => withoutInterface(before, mac),
    mustAct: ({ own }) => mustAct('detach', own.powerState, `detachInterface ${changing.id}`),
    act: ({ own }) => unplug(changing, own, interfaceDevice(mac), graceMs),
  });
}
