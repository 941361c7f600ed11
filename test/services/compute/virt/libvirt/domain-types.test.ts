import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitUntil } from '../../../../../ops/private/wait-until.js';
import { workbench } from './workbench.js';

test('a type of domain that libvirt does not have is told once, when libvirt is reached', async (t) => {
  const { libvirt, driver, warnings } = workbench(t, { virtType: 'kvm', reachable: false });
  await assert.rejects(driver.ping(1000));
  assert.deepEqual(warnings, []);
  libvirt.start();
  await waitUntil('the warning', () => warnings.length > 0);
  assert.match(warnings[0] ?? '', /has no kvm domains, only qemu: .*NOVALET_VIRT_TYPE/);
  await waitUntil('an answer', () => driver.ping(1000).then(() => true)); // its link may still wait for its next try
  assert.equal(warnings.length, 1);
});

test('nothing is said of a type that libvirt has', async (t) => {
  const { libvirt, driver, warnings } = workbench(t);
  await waitUntil('the question', () => libvirt.calls.includes('capabilities'));
  await driver.ping(1000);
  assert.deepEqual(warnings, []);
});
