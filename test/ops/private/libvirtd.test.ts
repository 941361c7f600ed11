import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startLibvirtd, type Libvirtd } from '../../../ops/private/libvirtd.js';

/** Boots nothing but its firmware: 16 MiB, a fifth of a second. */
const FIRMWARE_GUEST = `<domain type='qemu'><name>firmware</name><memory unit='MiB'>16</memory><vcpu>1</vcpu>
<os><type arch='x86_64' machine='pc'>hvm</type></os></domain>`;

let libvirtd: Libvirtd;
before(async () => {
  libvirtd = await startLibvirtd();
  await libvirtd.supervisor.write(`${libvirtd.directory}/guest.xml`, FIRMWARE_GUEST);
  await libvirtd.virsh(['create', `${libvirtd.directory}/guest.xml`]);
});
after(() => libvirtd.stop());

test('a private libvirtd runs as an ordinary user', async () => {
  const owner = await libvirtd.supervisor.run('stat', ['-c', '%u', `/proc/${libvirtd.pid}`]);
  assert.notEqual(Number(owner), 0);
});

test('a guest lives through a crash of its libvirtd', async () => {
  await libvirtd.crash();
  await libvirtd.start();
  assert.equal((await libvirtd.virsh(['domstate', 'firmware'])).trim(), 'running');
});

test('a guest lives through a restart of its libvirtd', async () => {
  await libvirtd.restart();
  assert.equal((await libvirtd.virsh(['domstate', 'firmware'])).trim(), 'running');
});

test('the test driver is behind the same socket', async () => {
  assert.match(await libvirtd.virsh(['list', '--all', '--name'], libvirtd.testUri), /^test$/m);
});
