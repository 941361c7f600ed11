/**
 * Lists what a host has: domains, networks, storage pools and devices.
 *
 *     node list.js [URI]
 */
import { openReadOnly, VIR_DOMAIN_RUNNING } from '@novalet/libvirt';

const [uri = 'qemu:///system'] = process.argv.slice(2);
await using conn = await openReadOnly(uri);

for (const domain of await conn.listAllDomains()) {
  const [state] = await domain.state();
  console.log(
    `domain   ${domain.UUIDString()}  ${domain.name()}  ${state === VIR_DOMAIN_RUNNING ? `running, id ${domain.ID()}` : 'not running'}`,
  );
}
for (const network of await conn.listAllNetworks()) {
  console.log(`network  ${network.UUIDString()}  ${network.name()}  ${(await network.isActive()) ? 'active' : 'inactive'}`);
}
for (const pool of await conn.listAllStoragePools()) {
  const [, capacity, allocation] = await pool.info();
  console.log(
    `pool     ${pool.UUIDString()}  ${pool.name()}  ${allocation} of ${capacity} bytes, ${(await pool.listVolumes()).length} volumes`,
  );
}
for (const device of await conn.listAllDevices()) {
  console.log(`device   ${device.name()}  ${(await device.listCaps()).join(', ')}`);
}
