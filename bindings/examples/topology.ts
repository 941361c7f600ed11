/**
 * Shows the cells, sockets and cores of the host, from its capabilities.
 *
 *     node topology.js [URI]
 */
import { openReadOnly } from '@novalet/libvirt';

const [uri = 'qemu:///system'] = process.argv.slice(2);
await using conn = await openReadOnly(uri);

const capabilities = await conn.getCapabilities();
for (const [, id, cell = ''] of capabilities.matchAll(/<cell id='(\d+)'>(.*?)<\/cell>/gs)) {
  const memory = /<memory unit='KiB'>(\d+)</.exec(cell)?.[1];
  console.log(`cell ${id}${memory === undefined ? '' : `, ${memory} KiB`}`);
  for (const [, cpu, socket, core, siblings] of cell.matchAll(
    /<cpu id='(\d+)' socket_id='(\d+)'[^>]*core_id='(\d+)' siblings='([^']+)'/g,
  )) {
    console.log(`  CPU ${cpu}: socket ${socket}, core ${core}, siblings ${siblings}`);
  }
}
