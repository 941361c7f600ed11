import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import * as libvirt from '@novalet/libvirt';
import { waitUntil } from '../../ops/private/wait-until.js';
import { LibvirtDriver } from '../../services/compute/virt/libvirt/libvirt-driver.js';
import { unmeasured } from '../contract/libvirt-bench.js';
import { temporaryDirectory } from '../services/compute/virt/libvirt/temporary-directory.js';
import { spawnBody } from '../support/commands.js';
import { fakeDelivery } from '../support/fake-delivery.js';
import { takeAwayAfter } from '../support/take-away.js';
import { withLibvirtd } from '../support/with-libvirtd.js';
import { workbench } from '../support/workbench.js';

test('a libvirtd that stands still makes calls fail in time, and is used again when it moves', async (t) => {
  const libvirtd = await withLibvirtd(t);
  const settings = { uri: libvirtd.testUri, virtType: 'test', imageDirs: [], metrics: unmeasured, callTimeoutMs: 500 } as const;
  const driver = new LibvirtDriver(libvirt, { ...settings, stateDir: temporaryDirectory(t) });
  takeAwayAfter(t, async () => {
    await libvirtd.thaw(); // an abandoned call ends only with an answer
    await driver.close();
  });
  await driver.ping(5000);
  await libvirtd.freeze();
  const began = Date.now();
  await assert.rejects(driver.ping(100), { kind: 'unavailable', message: /did not answer within 100 ms/ });
  await assert.rejects(driver.find(randomUUID()), { kind: 'unavailable' });
  await assert.rejects(driver.find(randomUUID(), Date.now() + 100), { kind: 'timeout' });
  await assert.rejects(driver.destroy(randomUUID(), { deadline: Date.now() + 100 }), { kind: 'timeout' });
  assert.ok(Date.now() - began < 3000);
  await libvirtd.thaw();
  await waitUntil('an answer', () => driver.ping(1000).then(() => true));
  assert.equal(await driver.find(randomUUID()), null);
});

test('commands to a libvirtd that stands still are answered when their deadlines come', async (t) => {
  const libvirtd = await withLibvirtd(t);
  const settings = { uri: libvirtd.testUri, virtType: 'test', imageDirs: [], metrics: unmeasured } as const;
  const driver = new LibvirtDriver(libvirt, { ...settings, stateDir: temporaryDirectory(t) });
  takeAwayAfter(t, async () => {
    await libvirtd.thaw();
    await driver.close();
  });
  await driver.ping(5000);
  const { tasks, results } = workbench({ driver });
  await libvirtd.freeze();
  const deadline = new Date(Date.now() + 500).toISOString();
  tasks.take(fakeDelivery('instance.spawn', { ...spawnBody(), deadline }));
  tasks.take(fakeDelivery('instance.spawn', { ...spawnBody(), dryRun: true, deadline }));
  for (const type of ['instance.destroy', 'instance.stop', 'instance.get', 'instance.diagnostics'])
    tasks.take(fakeDelivery(type, { instance: { id: randomUUID() }, deadline }, { queue: 'control' }));
  const answers = await results(6);
  assert.deepEqual(new Set(answers.map(({ error }) => error?.kind)), new Set(['timeout']));
  const late = answers.map(({ finishedAt }) => Date.parse(finishedAt) - Date.parse(deadline));
  assert.ok(Math.max(...late) < 4000, `${late.join(', ')} ms after the deadline`);
  await libvirtd.thaw();
  await tasks.settled();
});
