import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { PretendedError } from './pretended-libvirt.js';
import { workbench } from './workbench.js';

const NO_SLOT = new PretendedError(1, 'internal error: No more available PCI slots');

async function spawned(t: TestContext) {
  const { driver, libvirt, request, stateDir, imageDir } = workbench(t);
  const wish = request({ disks: [{ sizeMiB: 1 }] });
  const { id } = wish.spec;
  await driver.spawn(wish);
  const about = (ms = 10_000) => ({ id, key: randomUUID(), deadline: Date.now() + ms, device: 'vdb' });
  const attach = (ms?: number) => driver.attachDisk({ ...about(ms), disk: { sizeMiB: 1 } });
  const detach = () => driver.detachDisk({ ...about(), remove: false, graceMs: 1000 });
  return { driver, libvirt, about, attach, detach, imageDir, file: path.join(stateDir, 'instances', id, 'disk-vdb.qcow2') };
}

test('an attachment that was cut off and is refused when it comes again keeps no file', async (t) => {
  const { libvirt, attach, file } = await spawned(t);
  libvirt.next('attach', 'hang');
  await assert.rejects(attach(500), { kind: 'timeout' });
  assert.ok(existsSync(file));
  libvirt.next('attach', NO_SLOT);
  await assert.rejects(attach(), { kind: 'exhausted' });
  assert.ok(!existsSync(file));
});

test('a disk that was detached, and is refused when it is attached again, keeps its data', async (t) => {
  const { libvirt, attach, detach, file } = await spawned(t);
  await attach();
  await detach();
  libvirt.next('attach', NO_SLOT);
  await assert.rejects(attach(), { kind: 'exhausted' });
  assert.ok(existsSync(file));
});

test('what the guest has after all is kept, whatever the answer to its attachment was', async (t) => {
  const { libvirt, attach, file } = await spawned(t);
  libvirt.next('define', 'hang');
  await assert.rejects(attach(500), { kind: 'timeout' });
  libvirt.next('define', new PretendedError(1, 'internal error'));
  await assert.rejects(attach(), { kind: 'internal' });
  assert.ok(existsSync(file));
});

test('an attachment that was cut off, and comes again when the instance is suspended, is refused and keeps no file', async (t) => {
  const { driver, libvirt, about, attach, file } = await spawned(t);
  libvirt.next('attach', 'hang');
  await assert.rejects(attach(500), { kind: 'timeout' });
  await driver.suspend({ ...about(), bypassCache: false });
  assert.ok(existsSync(file));
  await assert.rejects(attach(), { kind: 'precondition' });
  assert.ok(!existsSync(file));
});

test('a disk that was detached keeps its data when it is attached to an instance that is suspended', async (t) => {
  const { driver, about, attach, detach, file } = await spawned(t);
  await attach();
  await detach();
  await driver.suspend({ ...about(), bypassCache: false });
  await assert.rejects(attach(), { kind: 'precondition' });
  assert.ok(existsSync(file));
});

test('an attachment that was cut off, and comes again when the instance is rescued, is refused and keeps no file', async (t) => {
  const { driver, libvirt, about, attach, imageDir, file } = await spawned(t);
  writeFileSync(path.join(imageDir, 'rescue.img'), Buffer.alloc(1024 * 1024));
  libvirt.next('attach', 'hang');
  await assert.rejects(attach(500), { kind: 'timeout' });
  await driver.rescue({ ...about(), image: 'rescue.img', graceMs: 0 });
  assert.ok(existsSync(file));
  await assert.rejects(attach(), { kind: 'precondition', message: /unrescue it first/ });
  assert.ok(!existsSync(file));
});

test('a disk whose attachment is refused when its deadline is just over is not kept either', async (t) => {
  const { libvirt, attach, file } = await spawned(t);
  const now = Date.now.bind(Date);
  const jump = t.mock.method(Date, 'now', () => now() + (libvirt.calls.includes('attach') ? 3_600_000 : 0));
  libvirt.next('attach', NO_SLOT);
  await assert.rejects(attach(), { kind: 'exhausted' });
  jump.mock.restore();
  assert.ok(!existsSync(file));
});
