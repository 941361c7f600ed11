/**
 * Shows the host's processors and memory, cell by cell, and which domains are bound where.
 *
 *     node nodestats.js [URI]
 */
import { openReadOnly, VIR_CONNECT_LIST_DOMAINS_ACTIVE, VIR_NODE_CPU_STATS_ALL_CPUS } from '@novalet/libvirt';

const [uri = 'qemu:///system'] = process.argv.slice(2);
await using conn = await openReadOnly(uri);

const [model, memory, cpus, mhz, cells] = await conn.getInfo();
console.log(`${await conn.getHostname()}: ${cpus} × ${model} at ${mhz} MHz, ${memory} MiB in ${cells} cell(s)`);

const [present, map, online] = await conn.getCPUMap();
const numbers = map.flatMap((isOnline, cpu) => (isOnline ? [cpu] : []));
console.log(`${online} of ${present} CPUs online: ${numbers.join(', ')}`);

const seconds = (nanoseconds: number | bigint | undefined): string => (Number(nanoseconds ?? 0) / 1e9).toFixed(0);
const { kernel, user, idle, iowait } = await conn.getCPUStats(VIR_NODE_CPU_STATS_ALL_CPUS);
console.log(`CPU time: kernel ${seconds(kernel)} s, user ${seconds(user)} s, idle ${seconds(idle)} s, waiting ${seconds(iowait)} s`);

for (const [cell, free] of (await conn.getCellsFreeMemory(0, cells)).entries()) {
  console.log(`cell ${cell}: ${Math.round(Number(free) / 2 ** 20)} MiB free`);
}

for (const domain of await conn.listAllDomains(VIR_CONNECT_LIST_DOMAINS_ACTIVE)) {
  const [vcpus, pinned] = await domain.vcpus();
  for (const [i, [number, , cpuTime, cpu]] of vcpus.entries()) {
    const allowed = pinned[i]?.flatMap((may, host) => (may ? [host] : [])) ?? [];
    console.log(
      `${domain.name()}: CPU ${number} on ${cpu < 0 ? 'none' : `CPU ${cpu}`} of the host, may run on ${allowed.join(', ')}, ${seconds(cpuTime)} s`,
    );
  }
}
