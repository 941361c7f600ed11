/**
 * Tells what libvirt knows of a domain.
 *
 *     node dominfo.js URI DOMAIN
 */
import { libvirtError, openReadOnly } from '@novalet/libvirt';

const STATES = [
  'no state',
  'running',
  'blocked on a resource',
  'paused',
  'being shut down',
  'shut off',
  'crashed',
  'suspended by the guest',
];

const [uri, name] = process.argv.slice(2);
if (uri === undefined || name === undefined) throw new Error('usage: node dominfo.js URI DOMAIN');

await using conn = await openReadOnly(uri);
try {
  const domain = await conn.lookupByName(name);
  const [state, maxMem, memory, nrVirtCpu, cpuTime] = await domain.info();
  console.log(`name         ${domain.name()}`);
  console.log(`UUID         ${domain.UUIDString()}`);
  console.log(`state        ${STATES[state] ?? state}`);
  console.log(`OS           ${await domain.OSType()}`);
  console.log(`memory       ${memory} of at most ${maxMem} KiB`);
  console.log(`virtual CPUs ${nrVirtCpu}`);
  console.log(`CPU time     ${(Number(cpuTime) / 1e9).toFixed(1)} s`);
  for (const [, , path] of (await domain.XMLDesc()).matchAll(/<(source) (?:file|dev)='([^']+)'/g)) console.log(`disk         ${path}`);
} catch (error) {
  if (!(error instanceof libvirtError)) throw error;
  console.error(`${name}: ${error.message}`);
  process.exitCode = 1;
}
