/**
 * Lists the addresses that a network has given out.
 *
 *     node dhcpleases.js URI NETWORK
 */
import { libvirtError, openReadOnly, VIR_IP_ADDR_TYPE_IPV4, VIR_IP_ADDR_TYPE_IPV6 } from '@novalet/libvirt';

const [uri, name] = process.argv.slice(2);
if (uri === undefined || name === undefined) throw new Error('usage: node dhcpleases.js URI NETWORK');

await using conn = await openReadOnly(uri);
const network = await conn.networkLookupByName(name);
try {
  for (const { expirytime, mac, type, ipaddr, prefix, hostname, clientid } of await network.DHCPLeases()) {
    const until = new Date(Number(expirytime) * 1000).toISOString();
    const protocol = type === VIR_IP_ADDR_TYPE_IPV4 ? 'ipv4' : type === VIR_IP_ADDR_TYPE_IPV6 ? 'ipv6' : `type ${type}`;
    console.log(`${until}  ${mac ?? '-'}  ${protocol}  ${ipaddr}/${prefix}  ${hostname ?? '-'}  ${clientid ?? '-'}`);
  }
} catch (error) {
  if (!(error instanceof libvirtError)) throw error;
  console.error(`${name}: ${error.message}`);
  process.exitCode = 1;
}
