import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test, type TestContext } from 'node:test';
import { Definition } from '../../../../../services/compute/virt/libvirt/definition.js';
import { sizesOf } from '../../../../../services/compute/virt/libvirt/sizes.js';
import { PretendedError } from './pretended-libvirt.js';
import { workbench } from './workbench.js';

/** A paused guest whose disk cannot grow as it runs. */
async function paused(t: TestContext, more: object = {}) {
  const { driver, libvirt, request } = workbench(t);
  const wish = request({ disks: [{ sizeMiB: 1 }], ...more });
  await driver.spawn(wish);
  const { id } = wish.spec;
  const change = () => ({ id, key: randomUUID(), deadline: Date.now() + 10_000 });
  await driver.pause(change());
  const resize = (wanted: object) =>
    driver.resize({ ...change(), disks: [{ device: 'vda', sizeMiB: 3 }], mode: 'auto', graceMs: 0, ...wanted });
  const sizes = () => {
    const { definition, live } = libvirt.domains.get(id)!;
    return [definition, live ?? definition].map((xml) => sizesOf(new Definition(xml)).memoryKiB / 1024);
  };
  return { resize, sizes };
}

for (const mode of ['auto', 'live']) {
  test(`a resize that is refused in the middle, mode ${mode}, sets back what was changed before`, async (t) => {
    const { resize, sizes } = await paused(t);
    await assert.rejects(resize({ memoryMiB: 12, mode }), { kind: 'precondition' });
    assert.deepEqual(sizes(), [16, 16]);
  });
}

test('a refusal says when what was changed before could not be set back', async (t) => {
  const { resize } = await paused(t, { maxVcpus: 2 });
  await assert.rejects(resize({ vcpus: 2 }), { kind: 'precondition', message: /not supported.*could not be set back.*unplug failed/ });
});

test('a resize that was cut off, and is refused to a guest that is paused meanwhile, says that its next start has the sizes already', async (t) => {
  const { driver, libvirt, request } = workbench(t);
  const wish = request();
  await driver.spawn(wish);
  const { id } = wish.spec;
  const change = () => ({ id, key: randomUUID(), deadline: Date.now() + 10_000 });
  const resize = () => driver.resize({ ...change(), vcpus: 3, disks: [], mode: 'cold', graceMs: 0 });
  for (let i = 0; i < 4; i++) libvirt.next('destroy', new PretendedError(38, 'the daemon is gone'));
  await assert.rejects(resize(), { kind: 'busy' });
  await driver.pause(change());
  await assert.rejects(resize(), { kind: 'precondition', message: /unpause or stop it first; its definition has these processors/ });
});
