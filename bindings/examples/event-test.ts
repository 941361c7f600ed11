/**
 * Prints every event of a host until it is interrupted, or for some seconds.
 *
 *     node event-test.js [URI] [SECONDS]
 */
import { setTimeout as later } from 'node:timers/promises';
import * as libvirt from '@novalet/libvirt';

const [uri = 'qemu:///system', seconds] = process.argv.slice(2);

const LIFE = [
  'defined',
  'undefined',
  'started',
  'suspended',
  'resumed',
  'stopped',
  'shut down',
  'suspended by power management',
  'crashed',
];
const POOL = ['defined', 'undefined', 'started', 'stopped', 'created', 'deleted'];
const NETWORK = ['defined', 'undefined', 'started', 'stopped'];

await using conn = await libvirt.open(uri);

await conn.domainEventRegisterAny(null, libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE, (_conn, domain, event, detail) => {
  console.log(`domain ${domain.name()}: ${LIFE[event] ?? event} (${detail})`);
});
await conn.domainEventRegisterAny(null, libvirt.VIR_DOMAIN_EVENT_ID_REBOOT, (_conn, domain) => {
  console.log(`domain ${domain.name()}: rebooted`);
});
await conn.domainEventRegisterAny(null, libvirt.VIR_DOMAIN_EVENT_ID_IO_ERROR_REASON, (_conn, domain, source, device, action, reason) => {
  console.log(`domain ${domain.name()}: ${reason} on ${device} (${source}), action ${action}`);
});
await conn.domainEventRegisterAny(null, libvirt.VIR_DOMAIN_EVENT_ID_GRAPHICS, (_conn, domain, phase, local, remote) => {
  console.log(`domain ${domain.name()}: graphics, phase ${phase}, ${remote.node}:${remote.service} to ${local.node}:${local.service}`);
});
await conn.domainEventRegisterAny(null, libvirt.VIR_DOMAIN_EVENT_ID_BLOCK_JOB_2, (_conn, domain, disk, type, status) => {
  console.log(`domain ${domain.name()}: block job ${type} on ${disk}, status ${status}`);
});
await conn.domainEventRegisterAny(null, libvirt.VIR_DOMAIN_EVENT_ID_BALLOON_CHANGE, (_conn, domain, actual) => {
  console.log(`domain ${domain.name()}: has ${actual} KiB now`);
});
await conn.domainEventRegisterAny(null, libvirt.VIR_DOMAIN_EVENT_ID_TUNABLE, (_conn, domain, params) => {
  console.log(`domain ${domain.name()}: tuned`, params);
});
await conn.domainEventRegisterAny(null, libvirt.VIR_DOMAIN_EVENT_ID_AGENT_LIFECYCLE, (_conn, domain, state, reason) => {
  console.log(`domain ${domain.name()}: agent, state ${state}, reason ${reason}`);
});
await conn.domainEventRegisterAny(null, libvirt.VIR_DOMAIN_EVENT_ID_DEVICE_ADDED, (_conn, domain, device) => {
  console.log(`domain ${domain.name()}: device ${device} added`);
});
await conn.domainEventRegisterAny(null, libvirt.VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED, (_conn, domain, device) => {
  console.log(`domain ${domain.name()}: device ${device} removed`);
});
await conn.networkEventRegisterAny(null, libvirt.VIR_NETWORK_EVENT_ID_LIFECYCLE, (_conn, network, event) => {
  console.log(`network ${network.name()}: ${NETWORK[event] ?? event}`);
});
await conn.storagePoolEventRegisterAny(null, libvirt.VIR_STORAGE_POOL_EVENT_ID_LIFECYCLE, (_conn, pool, event) => {
  console.log(`pool ${pool.name()}: ${POOL[event] ?? event}`);
});
await conn.storagePoolEventRegisterAny(null, libvirt.VIR_STORAGE_POOL_EVENT_ID_REFRESH, (_conn, pool) => {
  console.log(`pool ${pool.name()}: refreshed`);
});
await conn.registerCloseCallback((_conn, reason) => {
  console.log(`connection lost, reason ${reason}`);
});
console.log('listening');

await (seconds === undefined ? new Promise((resolve) => process.once('SIGINT', resolve)) : later(Number(seconds) * 1000));
