import type { InterfaceSpec } from '../../../../common/messages/guest/interface.js';
import { boot } from './boot-order.js';
import { macAddress } from '../../../instances/mac-address.js';
import type { DomainPlan } from './plan.js';

export function interfaces({ spec }: DomainPlan) {
  return (spec.interfaces ?? []).map((nic, index) => networkInterface(nic, nic.mac ?? macAddress(spec.id, index)));
}

/** One interface with this address. */
export function networkInterface(nic: InterfaceSpec, mac: string) {
  const { queues, mtu, bandwidth, vlan } = nic as Partial<Extract<InterfaceSpec, { kind: 'bridge' }> & { vlan: number }>;
  const { type, ...connection } = connectionOf(nic);
  return {
    '@type': type,
    mac: { '@address': mac },
    ...connection,
    model: { '@type': nic.model ?? 'virtio' },
    ...(queues !== undefined && { driver: { '@queues': queues } }),
    ...(mtu !== undefined && { mtu: { '@size': mtu } }),
    ...(vlan !== undefined && { vlan: { tag: { '@id': vlan } } }),
    ...(bandwidth && { bandwidth: { ...rate('inbound', bandwidth.inbound), ...rate('outbound', bandwidth.outbound) } }),
    ...(nic.linkState && { link: { '@state': nic.linkState } }),
    ...boot(nic),
  };
}

function connectionOf(nic: InterfaceSpec) {
  switch (nic.kind) {
    case 'bridge':
      return { type: 'bridge', source: { '@bridge': nic.bridge } };
    case 'network':
      return { type: 'network', source: { '@network': nic.network, ...(nic.portgroup && { '@portgroup': nic.portgroup }) } };
    case 'ovs':
      return {
        type: 'bridge',
        source: { '@bridge': nic.bridge },
        virtualport: { '@type': 'openvswitch', parameters: { '@interfaceid': nic.interfaceId } },
      };
    case 'tap':
      return { type: 'ethernet', target: { '@dev': nic.device, '@managed': 'no' } };
    case 'macvtap':
      return { type: 'direct', source: { '@dev': nic.device, '@mode': nic.mode ?? 'bridge' } };
    case 'user':
      return { type: 'user' };
    case 'passt':
      return { type: 'user', backend: { '@type': 'passt' } };
  }
}

interface Rate {
  readonly averageKiBPerSecond: number;
  readonly peakKiBPerSecond?: number | undefined;
  readonly burstKiB?: number | undefined;
}

function rate(way: 'inbound' | 'outbound', given: Rate | undefined) {
  if (!given) return {};
  const { averageKiBPerSecond, peakKiBPerSecond, burstKiB } = given;
  const more = {
    ...(peakKiBPerSecond !== undefined && { '@peak': peakKiBPerSecond }),
    ...(burstKiB !== undefined && { '@burst': burstKiB }),
  };
  return { [way]: { '@average': averageKiBPerSecond, ...more } };
}
