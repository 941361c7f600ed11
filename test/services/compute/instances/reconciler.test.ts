import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ComputeError } from '../../../../services/common/errors.js';
import { InstanceSpec } from '../../../../services/common/messages/instance-spec.js';
import { specHash } from '../../../../services/common/spec-hash.js';
import { FakeDriver } from '../../../../services/compute/virt/fake/fake-driver.js';
import { FakeHost } from '../../../../services/compute/virt/fake/fake-host.js';
import { spawnBody } from '../../../support/commands.js';
import { valueOf } from '../../../support/with-worker.js';
import { DRIFTS } from '../../../../services/compute/instances/instance-metrics.js';
import { become, instanceOf, spawned, Workbench } from './workbench.js';

const DRIFT = 'novalet_reconcile_drift_total';

/** A host with one guest, made by an earlier worker, and a reconciler that knows it. */
async function withGuest(...[t, more]: [t: ConstructorParameters<typeof Workbench>[0], more?: ConstructorParameters<typeof Workbench>[2]]) {
  const host = new FakeHost();
  const id = await spawned(new FakeDriver(host));
  const bench = new Workbench(t, host, more);
  bench.reconciler.start();
  await bench.until(({ size }) => size === 1);
  return { id, host, bench };
}

/** How many starts were under way at once. */
function countStarts(driver: FakeDriver): () => number {
  let [now, most] = [0, 0];
  const start = driver.start.bind(driver);
  driver.start = async (request) => {
    most = Math.max(most, ++now);
    await new Promise(setImmediate);
    return start(request).finally(() => now--);
  };
  return () => most;
}

test('the first survey knows every instance, and says nothing of those that are as they should be', async (t) => {
  const { bench, host } = await withGuest(t);
  assert.deepEqual(bench.register.states().get('running'), 1);
  const other = await spawned(bench.driver);
  const event = await bench.events.next();
  assert.deepEqual([event.instanceId, event.state, event.sequence], [other, 'running', 1]);
  assert.equal(host.starts.get(other), 1);
});

test('a guest that is switched off by hand is told of, left off, and counted as a mismatch', async (t) => {
  const { bench, host, id } = await withGuest(t);
  become(host, id, 'shutdown');
  const [off, mismatch] = await bench.events.take(2);
  assert.deepEqual(
    [off?.state, off?.previous, off?.reason, off?.inBand, off?.asDesired],
    ['shutdown', 'running', 'destroyed', false, undefined],
  );
  assert.deepEqual([mismatch?.state, mismatch?.desiredPowerState, mismatch?.asDesired], ['shutdown', 'running', false]);
  assert.equal(host.starts.get(id), 1);
  assert.equal(await valueOf(bench.metrics, DRIFT, { kind: 'shutdown' }), 1);
  assert.equal(await valueOf(bench.metrics, 'novalet_instances_mismatched', { desired: 'running', state: 'shutdown' }), 1);
});

test('with the policy start it is brought back', async (t) => {
  const { bench, host, id } = await withGuest(t, { policy: 'start' });
  become(host, id, 'shutdown');
  await bench.events.find(({ state, inBand }) => state === 'running' && inBand);
  assert.equal(host.starts.get(id), 2);
});

test('a guest that is saved to the disk by hand is resumed with the policy start', async (t) => {
  const { bench, host, id } = await withGuest(t, { policy: 'start' });
  become(host, id, 'suspended');
  await bench.events.find(({ state }) => state === 'running');
  await bench.reconciler.stop();
  assert.equal(await valueOf(bench.metrics, 'novalet_reconcile_actions_total', { action: 'resume', outcome: 'done' }), 1);
});

test('a start that fails is tried again', async (t) => {
  const { bench, host, id } = await withGuest(t, { policy: 'start' });
  bench.driver.failNext('start', new ComputeError('unavailable', 'no'));
  become(host, id, 'shutdown');
  await bench.events.find(({ state }) => state === 'running');
  assert.equal(await valueOf(bench.metrics, 'novalet_reconcile_actions_total', { action: 'start', outcome: 'failed' }), 1);
});

test('what a command does is neither drift nor a mismatch', async (t) => {
  const { bench, id } = await withGuest(t, { policy: 'start' });
  await bench.command(id, () => bench.driver.stop({ id, key: 'k', deadline: Date.now() + 60_000, graceMs: 0 }));
  await bench.until((register) => register.get(id)?.memory?.desired.powerState === 'shutdown');
  const event = await bench.events.next();
  assert.deepEqual([event.state, event.inBand, event.asDesired], ['shutdown', true, undefined]);
  assert.equal(await valueOf(bench.metrics, DRIFT), 0);
  assert.equal(bench.register.mismatches().size, 0);
});

test('the first and the last event of an instance say that they are the doing of its commands', async (t) => {
  const { bench } = await withGuest(t);
  const { instance } = spawnBody();
  const { id } = instance;
  const spec = InstanceSpec.parse(instance);
  const wish = { spec, start: {}, specHash: specHash(spec), generation: 1, requestId: 'r', deadline: Date.now() + 60_000 };
  await bench.command(id, () => bench.driver.spawn(wish));
  const first = await bench.events.find(({ instanceId }) => instanceId === id);
  assert.deepEqual([first.state, first.inBand, first.reason], ['running', true, 'started']);
  await bench.command(id, () => bench.driver.destroy(id, { deadline: Date.now() + 60_000 }));
  const last = await bench.events.find(({ state }) => state === 'gone');
  assert.deepEqual([last.instanceId, last.inBand], [id, true]);
});

test('a start is told as one, although QEMU says first that the processors go on', async (t) => {
  const { bench, host, id } = await withGuest(t);
  become(host, id, 'shutdown');
  await bench.events.find(({ state }) => state === 'shutdown');
  instanceOf(host, id).powerState = 'running';
  for (const reason of ['resumed', 'started'] as const) host.tell(id, reason);
  assert.equal((await bench.events.find(({ state }) => state === 'running')).reason, 'started');
});

test('an instance whose domain is taken away is missing, and is told of as such', async (t) => {
  const { bench, host, id } = await withGuest(t, { policy: 'start' });
  become(host, id, null);
  const { state, asDesired } = await bench.events.find((event) => event.asDesired === false);
  assert.deepEqual([state, asDesired], ['missing', false]);
  assert.equal(instanceOf(host, id).powerState, null);
  assert.equal(await valueOf(bench.metrics, 'novalet_instances', { state: 'missing' }), 1);
});

test('an instance that is destroyed is gone', async (t) => {
  const { bench, id } = await withGuest(t);
  await bench.command(id, () => bench.driver.destroy(id, { deadline: Date.now() + 60_000 }));
  await bench.events.find(({ state }) => state === 'gone');
  assert.equal(bench.register.size, 0);
});

test('changes that were not heard are found by the next survey', async (t) => {
  const { bench, host, id } = await withGuest(t);
  instanceOf(host, id).powerState = 'shutdown';
  for (const watcher of host.watchers) watcher.listening();
  const { state, previous } = await bench.events.next();
  assert.deepEqual([state, previous], ['shutdown', 'running']);
});

test('a survey that fails is done again', async (t) => {
  const host = new FakeHost();
  await spawned(new FakeDriver(host));
  const bench = new Workbench(t, host);
  bench.driver.failNext('survey', new ComputeError('unavailable', 'libvirt is away'));
  bench.reconciler.start();
  await bench.until(({ size }) => size === 1);
});

test('domains of others are counted and left alone', async (t) => {
  const { bench, host } = await withGuest(t, { policy: 'start' });
  host.foreign.add('somebody-elses');
  for (const watcher of host.watchers) watcher.listening();
  await spawned(bench.driver); // heard of after the survey
  await bench.until(({ size }) => size === 2);
  assert.equal(await valueOf(bench.metrics, 'novalet_reconcile_domains', { class: 'foreign' }), 1);
});

test('what happens to a guest of another worker, which has a name as ours have, is neither counted nor told', async (t) => {
  const { bench, host, id } = await withGuest(t);
  const theirs = 'another-workers';
  host.foreign.add(theirs);
  const looked = new Promise<void>((resolve) => {
    const sight = bench.driver.sight.bind(bench.driver);
    bench.driver.sight = (id) => sight(id).finally(() => id === theirs && resolve());
  });
  for (const watcher of host.watchers) {
    watcher.appeared(theirs);
    watcher.changed(theirs, 'running', 'started');
    watcher.changed(theirs, 'shutdown', 'destroyed');
    watcher.vanished(theirs);
  }
  await looked;
  await bench.command(theirs, () => Promise.resolve()); // whoever looked has left its lane
  for (const kind of DRIFTS) assert.equal(await valueOf(bench.metrics, DRIFT, { kind }), 0, kind);
  assert.equal(bench.register.size, 1);
  become(host, id, 'shutdown');
  assert.equal((await bench.events.next()).instanceId, id);
});

test('a guest that came back while nobody knew it is counted once it is known as ours', async (t) => {
  const { bench, host } = await withGuest(t);
  const id = await spawned(new FakeDriver(host));
  for (const watcher of host.watchers) watcher.changed(id, 'running', 'started');
  await bench.until(({ size }) => size === 2);
  await bench.command(id, () => Promise.resolve());
  assert.equal(await valueOf(bench.metrics, DRIFT, { kind: 'running' }), 1);
});

test('after a boot of the host what ran is brought back, some at once; what was stopped, or ends with its worker, stays off', async (t) => {
  const host = new FakeHost();
  const before = new FakeDriver(host);
  const ran = await Promise.all(Array.from({ length: 5 }, () => spawned(before)));
  const [stopped, bound] = [await spawned(before), await spawned(before, { autodestroy: true })];
  await before.stop({ id: stopped, key: 'k', deadline: Date.now() + 60_000, graceMs: 0 });
  for (const instance of host.instances.values()) instance.powerState = 'shutdown';

  const bench = new Workbench(t, host, { boots: ['boot-1', 'boot-2'] });
  const most = countStarts(bench.driver);
  bench.reconciler.start();
  await bench.until((register) => ran.every((id) => register.get(id)?.powerState === 'running'));
  assert.deepEqual([host.starts.get(stopped), host.starts.get(bound)], [1, 1]);
  assert.equal(most(), 2);
});

test('a worker that dies over bringing guests back leaves the rest to the next one, and none to the one after that', async (t) => {
  const host = new FakeHost();
  const id = await spawned(new FakeDriver(host));
  instanceOf(host, id).powerState = 'shutdown';
  const first = new Workbench(t, host, { boots: ['boot-1', 'boot-2'] });
  const hold = first.driver.holdNext('find');
  first.reconciler.start();
  await hold.reached;
  assert.equal(readFileSync(first.bootFile, 'utf8'), 'boot-1');

  const second = new Workbench(t, host, { boots: ['boot-1', 'boot-2'] });
  second.reconciler.start();
  await second.until((register) => register.get(id)?.powerState === 'running');
  await second.reconciler.stop();
  assert.equal(readFileSync(second.bootFile, 'utf8').trim(), 'boot-2');
  hold.release();
});

test('with the policy report nothing is brought back, not even after a boot', async (t) => {
  const host = new FakeHost();
  const id = await spawned(new FakeDriver(host));
  instanceOf(host, id).powerState = 'shutdown';
  const bench = new Workbench(t, host, { policy: 'report', boots: ['boot-1', 'boot-2'] });
  bench.reconciler.start();
  const { state, asDesired } = await bench.events.next();
  assert.deepEqual([state, asDesired, host.starts.get(id)], ['shutdown', false, 1]);
});

test('a guest that is destroyed while it is brought back is no failure', async (t) => {
  const { bench, host, id } = await withGuest(t, { policy: 'start' });
  const hold = bench.driver.holdNext('start');
  become(host, id, 'shutdown');
  await hold.reached;
  bench.asides.callOff(id, new ComputeError('cancelled', 'a destroy came'));
  await bench.command(id, () => Promise.resolve());
  assert.ok(bench.log.lines.some(({ phrase }) => phrase === 'instance no longer brought back'));
  assert.equal(await valueOf(bench.metrics, 'novalet_reconcile_actions_total', { action: 'start', outcome: 'failed' }), 0);
});
