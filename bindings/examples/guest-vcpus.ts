/**
 * Shows which virtual CPUs the guest uses, and turns some off or on. Needs the guest agent.
 *
 *     node guest-vcpus.js URI DOMAIN [on|off CPUS]     CPUS such as 1-2,4
 */
import { libvirtError, open } from '@novalet/libvirt';

const [uri, name, state, cpus] = process.argv.slice(2);
if (uri === undefined || name === undefined) throw new Error('usage: node guest-vcpus.js URI DOMAIN [on|off CPUS]');

await using conn = await open(uri);
const domain = await conn.lookupByName(name);
try {
  if (cpus !== undefined) await domain.setGuestVcpus(cpus, state === 'on' ? 1 : 0);
  const { vcpus, online, offlinable } = await domain.guestVcpus();
  console.log(`present    ${vcpus}`);
  console.log(`online     ${online}`);
  console.log(`offlinable ${offlinable}`);
} catch (error) {
  if (!(error instanceof libvirtError)) throw error;
  console.error(`${name}: ${error.message}`);
  process.exitCode = 1;
}
