import { ComputeError } from '../../../../common/errors.js';
import { absentOn } from '../absent-on.js';
import type { Connection } from '../libvirt-calls.js';
import { VIR_ERR_NO_SUPPORT } from '../libvirt-failure.js';
import type { Link } from '../link.js';
import type { NamedInterface } from './network-rights.js';

const SHOWN = 20;

/**
 * Refuses a virtual network that libvirt does not have, or that is down. What cannot be told is let through.
 * @param at where the interface stands in the message
 * @throws precondition with the field and what there is
 */
export async function refuseMissingNetworks(nics: readonly NamedInterface[], link: Link, deadline: number): Promise<void> {
  const wanted = nics.flatMap(({ nic, at }) => (nic.kind === 'network' ? [{ name: nic.network, field: `${at}.network` }] : []));
  if (wanted.length === 0) return;
  const what = 'ask libvirt which networks it has';
  const list = (connection: Connection) => connection.listAllNetworks(0);
  const networks = await link.call('virConnectListAllNetworks', what, list, deadline).catch(absentOn(VIR_ERR_NO_SUPPORT));
  if (networks === null) return;
  const names = networks.map((network) => network.name()).sort();
  const shown = names.slice(0, SHOWN).join(', ') + (names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '');
  for (const { name, field } of wanted) {
    const network = networks.find((one) => one.name() === name);
    if (!network) throw refusal(field, `libvirt has no network ${name}; it has ${shown || 'none'}`);
    const isUp = await link.call('virNetworkIsActive', what, () => network.isActive(), deadline);
    if (isUp !== 1) throw refusal(field, `the network ${name} is down; virsh net-start ${name}`);
  }
}

const refusal = (field: string, words: string): ComputeError => new ComputeError('precondition', `${field}: ${words}`, { field });
