import { ComputeError } from '../../common/errors.js';
import { bounded } from '../bounded.js';
import type { Json } from './envelope.js';
import { tooDeep } from './nesting.js';
import { fieldsOf, membersOf, textOf } from './nova-object.js';
import type { NovaBuild } from './nova-spawn.js';

/** Bridges of the host by the id of the network; `*` is that of every other one. */
export type Bridges = Readonly<Record<string, string>>;

/** What nova says when it leaves the choice to somebody. */
const NOTHING_SAID = new Set(['auto', 'none']);
const MODELS = new Set(['virtio', 'e1000e', 'e1000', 'rtl8139']);

/** As Neutron bound the ports, where it did; else by the host's own list of bridges. Addresses are nobody's business here. */
export function interfacesOf({ args, instance, properties }: NovaBuild, bridges: Bridges): object[] | undefined {
  const bound = boundPorts(instance);
  const interfaces = bound.length > 0 ? bound.map(interfaceOfPort) : requested(args).map((network) => interfaceOfNetwork(network, bridges));
  const model = modelOf(textOf(properties, 'hw_vif_model'));
  return interfaces.length === 0 ? undefined : interfaces.map((one) => ({ ...one, model }));
}

/** The instance's cache of its ports: a list written as text. */
function boundPorts(instance: Json): Json[] {
  const cached = fieldsOf(instance['info_cache'])?.['network_info'];
  if (typeof cached !== 'string') return membersOf(cached);
  if (tooDeep(cached)) throw unreadable();
  try {
    return membersOf(JSON.parse(cached));
  } catch {
    throw unreadable();
  }
}

const unreadable = (): ComputeError =>
  new ComputeError('invalid', 'instance.info_cache.network_info: no list in JSON', { field: 'instance.info_cache' });

function interfaceOfPort(port: Json): object {
  const type = textOf(port, 'type');
  const bridge = textOf(fieldsOf(port['network']) ?? {}, 'bridge');
  const common = { bridge, mac: textOf(port, 'address') };
  if (type === 'bridge' && bridge !== undefined) return { kind: 'bridge', ...common };
  if (type === 'ovs' && bridge !== undefined)
    return { kind: 'ovs', ...common, interfaceId: textOf(port, 'ovs_interfaceid') ?? textOf(port, 'id') };
  throw new ComputeError(
    'unsupported',
    `build_and_run_instance: a port of type ${bounded(type, 40)}; there are bridge and ovs, each with its bridge`,
  );
}

/** Ids of networks; null for a port of which only Neutron knows where it is. */
function requested(args: Json): (string | null)[] {
  return membersOf(args['requested_networks'])
    .map((request) => textOf(request, 'network_id') ?? null)
    .filter((network) => network === null || !NOTHING_SAID.has(network));
}

function interfaceOfNetwork(network: string | null, bridges: Bridges): object {
  const bridge = (network !== null && Object.hasOwn(bridges, network) ? bridges[network] : undefined) ?? bridges['*'];
  if (bridge !== undefined) return { kind: 'bridge', bridge };
  throw new ComputeError(
    'unsupported',
    `build_and_run_instance: no bridge is known for the network ${bounded(network ?? 'of a port', 60)}; Neutron is not spoken to, so NOVALET_OSLO_BRIDGES says which`,
    { field: 'requested_networks' },
  );
}

function modelOf(name: string | undefined): string | undefined {
  if (name === undefined || name === 'virtio') return undefined;
  if (MODELS.has(name)) return name;
  throw new ComputeError(
    'unsupported',
    `build_and_run_instance: an interface of model ${bounded(name, 40)}; there are ${[...MODELS].join(', ')}`,
  );
}
