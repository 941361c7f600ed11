/**
 * Lists a domain's interfaces with their addresses.
 *
 *     node domipaddrs.js URI DOMAIN [lease|agent|arp]
 */
import {
  open,
  openReadOnly,
  VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT,
  VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_ARP,
  VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE,
} from '@novalet/libvirt';

const SOURCES: Readonly<Record<string, number>> = {
  lease: VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE,
  agent: VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT,
  arp: VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_ARP,
};

const [uri, name, from = 'lease'] = process.argv.slice(2);
const source = SOURCES[from];
if (uri === undefined || name === undefined || source === undefined)
  throw new Error('usage: node domipaddrs.js URI DOMAIN [lease|agent|arp]');

// libvirt asks no guest agent for one who may only read.
await using conn = await (source === VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT ? open(uri) : openReadOnly(uri));
const domain = await conn.lookupByName(name);
for (const [device, { hwaddr, addrs }] of Object.entries(await domain.interfaceAddresses(source))) {
  for (const { addr, prefix } of addrs ?? []) console.log(`${device}  ${hwaddr ?? '-'}  ${addr}/${prefix}`);
  if (addrs === null) console.log(`${device}  ${hwaddr ?? '-'}  no address`);
}
