import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { PretendedError } from './pretended-libvirt.js';
import { workbench } from './workbench.js';

test('flags that a driver does not know are dropped one by one', async (t) => {
  const { libvirt, driver, request, destroy } = workbench(t);
  const wish = request();
  await driver.spawn(wish);
  await destroy(wish.spec.id);
  assert.equal(libvirt.domains.size, 0);
  assert.ok(libvirt.calls.filter((call) => call === 'undefine').length > 1);
});

test('a guest that libvirt cannot end at once is tried again', async (t) => {
  const { libvirt, driver, request, destroy } = workbench(t);
  const wish = request();
  await driver.spawn(wish);
  libvirt.next('destroy', new PretendedError(38, 'Failed to terminate process: Device or resource busy'));
  libvirt.next('destroy', new PretendedError(68, 'cannot acquire state change lock'));
  assert.equal((await destroy(wish.spec.id)).existed, true);
});

test('a guest that does not end is busy, and keeps its definition and files', async (t) => {
  const { libvirt, driver, request, destroy, files } = workbench(t);
  const wish = request();
  await driver.spawn(wish);
  for (let i = 0; i < 4; i++) libvirt.next('destroy', new PretendedError(38, 'Device or resource busy'));
  await assert.rejects(destroy(wish.spec.id), {
    kind: 'busy',
    details: { step: 'stop', libvirt: { code: 38, domain: 10, function: 'virDomainDestroyFlags' } },
  });
  assert.deepEqual([libvirt.domains.size, files()], [1, [wish.spec.id]]);
});

test('a guest that somebody starts again between stop and undefine goes all the same', async (t) => {
  const { libvirt, driver, request, destroy } = workbench(t);
  const wish = request();
  await driver.spawn(wish);
  libvirt.next('undefine', () => void (libvirt.domains.get(wish.spec.id)!.state = 1));
  await destroy(wish.spec.id);
  assert.equal(libvirt.domains.size, 0);
});

test('a file that somebody put there stays, and every destroy names it while it is there', async (t) => {
  const { driver, request, destroy, stateDir } = workbench(t);
  const wish = request();
  await driver.spawn(wish);
  writeFileSync(path.join(stateDir, 'instances', wish.spec.id, 'notes'), '');
  const { leftovers } = await destroy(wish.spec.id);
  assert.deepEqual(leftovers, ['notes']);
  assert.deepEqual(await destroy(wish.spec.id), { instanceId: wish.spec.id, existed: false, removed: [], leftovers: ['notes'] });
});
