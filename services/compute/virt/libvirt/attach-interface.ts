import type { InstanceState } from '../../../common/messages/results.js';
import { withInterface, withoutInterface } from '../../instances/spec-now.js';
import type { AttachInterfaceRequest, DetachInterfaceRequest } from '../../ports.js';
import { mustAct } from '../../power-table.js';
import type { Changing } from './changing.js';
import { attribute, child } from './definition.js';
import { elementXml } from './domain-xml.js';
import { networkInterface } from './domain-xml/interfaces.js';
import type { HostOffers } from './host/host-offers.js';
import { withGrant } from './host/network-rights.js';
import { type Device, isPlugged, isUnplugged, plug, unplug } from './plug.js';

const FIELD = 'interface';

const interfaceDevice = (mac: string): Device => ({
  name: `interface ${mac}`,
  find: (definition) =>
    definition.devices('interface').find((found) => attribute(child(found, 'mac'), 'address')?.toLowerCase() === mac.toLowerCase()),
});

/** What the host cannot give is refused before the guest or its definition hears of it. */
export function attachInterface(
  changing: Changing,
  { nic, mac }: AttachInterfaceRequest,
  offers: Pick<HostOffers, 'fitInterface'>,
): Promise<InstanceState> {
  const device = interfaceDevice(mac);
  const xml = elementXml({ interface: networkInterface(nic, mac) });
  return changing.run({
    name: 'attachInterface',
    spec: (before) => withInterface(before, nic, mac),
    mustAct: ({ own }) => mustAct('attach', own.powerState, `attachInterface ${changing.id}`),
    isSoAlready: ({ own }) => isPlugged(changing, own, device),
    async act({ own }) {
      const refuse = () => offers.fitInterface(nic, FIELD, changing.tools.link, changing.deadline);
      await plug(changing, own, device, xml, refuse).catch((error: unknown) => {
        throw withGrant(error, [{ nic, at: FIELD }]);
      });
    },
  });
}

export function detachInterface(changing: Changing, { mac, graceMs }: DetachInterfaceRequest): Promise<InstanceState> {
  const device = interfaceDevice(mac);
  return changing.run({
    name: 'detachInterface',
    spec: (before) => withoutInterface(before, mac),
    mustAct: ({ own }) => mustAct('detach', own.powerState, `detachInterface ${changing.id}`),
    isSoAlready: ({ own }) => isUnplugged(changing, own, device),
    act: ({ own }) => unplug(changing, own, device, graceMs),
  });
}
