import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ComputeError } from '../../../services/common/errors.js';
import type { SpawnBody } from '../../../services/common/messages/commands.js';
import { specHash } from '../../../services/common/spec-hash.js';
import type { SpawnStep } from '../../../services/compute/ports.js';
import { spawnBody } from '../../support/commands.js';
import { fakeDelivery } from '../../support/fake-delivery.js';
import { workbench } from '../../support/workbench.js';

const id = (messageId: string) => ({ properties: { messageId } });

/** A host on which an attempt of this spawn was cut off right after `upTo`. */
function cutOff(upTo: SpawnStep) {
  const bench = workbench();
  const body = spawnBody();
  bench.driver.leaveHalfMade(requestFor(body), upTo);
  const again = fakeDelivery('instance.spawn', body, { redelivered: true, deliveryCount: 1, ...id('the-spawn') });
  const callOff = () => bench.tasks.callOff('the-spawn', new ComputeError('cancelled', 'called off'));
  const first = fakeDelivery('instance.spawn', body, id('the-spawn'));
  return { ...bench, first, again, callOff };
}

const requestFor = ({ instance }: SpawnBody) => ({
  ...{ spec: instance, start: {}, specHash: specHash(instance), generation: 1, requestId: 'r', deadline: Infinity },
});

test('a spawn that was cut off, comes again and is called off before it begins takes away what it had left', async () => {
  const { tasks, results, driver, again, callOff } = cutOff('define');
  const holds = [driver.holdNext('define'), driver.holdNext('define')];
  for (const hold of holds) {
    tasks.take(fakeDelivery('instance.spawn', spawnBody())); // the queue has no place any more
    await hold.reached;
  }
  tasks.take(again);
  callOff();
  const [spawn] = await results(1);
  const error = spawn?.error;
  assert.deepEqual([error?.kind, error?.cleanedUp, error?.leftovers], ['cancelled', ['domain', 'files'], undefined]);
  assert.match(error?.message ?? '', /called off.*taken away/);
  for (const hold of holds) hold.release();
  await results(2);
  assert.equal(driver.host.instances.size, 2);
});

test('a spawn that is called off while it waits for another try takes away what it had left, though the host is slow to answer', async () => {
  const { tasks, results, driver, again, callOff, log } = cutOff('disks');
  driver.failNext('find', new ComputeError('busy', 'locked'));
  driver.failNext('abandon', new ComputeError('unavailable', 'away'));
  tasks.take(again);
  while (!log.lines.some(({ phrase }) => phrase === 'command tried again')) await new Promise(setImmediate);
  callOff();
  const [spawn] = await results(1);
  assert.deepEqual([spawn?.messageId, spawn?.error?.kind, spawn?.error?.cleanedUp], ['the-spawn', 'cancelled', ['files']]);
  assert.equal(driver.host.instances.size, 0);
});

test('a spawn that had come to its end and is called off before it can say so says so', async () => {
  const { tasks, results, driver, again, callOff, log } = cutOff('started');
  for (const instance of driver.host.instances.values()) instance.committed = true;
  driver.failNext('find', new ComputeError('busy', 'locked'));
  tasks.take(again);
  while (!log.lines.some(({ phrase }) => phrase === 'command tried again')) await new Promise(setImmediate);
  callOff();
  const [spawn] = await results(1);
  assert.deepEqual([spawn?.messageId, spawn?.outcome], ['the-spawn', 'done']);
});

test('a spawn that was cut off, comes again and is refused leaves nothing of its first attempt', async () => {
  const { tasks, results, driver, again } = cutOff('disks');
  driver.failNext('define', new ComputeError('exhausted', 'the disk is full'));
  tasks.take(again);
  const [spawn] = await results(1);
  assert.deepEqual([spawn?.error?.kind, spawn?.error?.cleanedUp], ['exhausted', ['files']]);
  assert.match(spawn?.error?.message ?? '', /the disk is full.*taken away/);
  assert.equal(driver.host.instances.size, 0);
});

test('what may be left and cannot be looked for is named', async () => {
  const { tasks, results, driver, again } = cutOff('define');
  driver.failNext('start', new ComputeError('exhausted', 'no memory'));
  driver.failNext('abandon', new ComputeError('internal', 'who knows'));
  tasks.take(again);
  const [spawn] = await results(1);
  assert.deepEqual([spawn?.error?.kind, spawn?.error?.leftovers], ['exhausted', ['guest', 'domain', 'files']]);
  assert.match(spawn?.error?.message ?? '', /no memory.*destroy the instance/);
});

test('what a try could not take away is taken away, or named, when the last try does not even come to look', async () => {
  const { tasks, results, driver, first } = cutOff('define');
  const leftovers = ['guest', 'domain', 'files'];
  const hold = driver.holdNext('start');
  driver.failNext('start', new ComputeError('unavailable', 'the connection broke', { leftovers }));
  tasks.take(first);
  await hold.reached; // the first try has looked
  driver.failNext('find', new ComputeError('timeout', 'look up: the deadline has passed'));
  hold.release();
  const [spawn] = await results(1);
  assert.deepEqual([spawn?.error?.kind, spawn?.error?.cleanedUp, spawn?.error?.leftovers], ['timeout', ['domain', 'files'], undefined]);
  assert.equal(driver.host.instances.size, 0);
});

/** A host on which a destroy was cut off when it had buried its instance. */
async function halfGone() {
  const bench = workbench();
  const body = spawnBody();
  const { id } = body.instance;
  bench.tasks.take(fakeDelivery('instance.spawn', body));
  await bench.results(1);
  bench.tombstones.bury(id, 1, 'the-destroy');
  const destroy = (at: number) => {
    const late = { instance: { id }, deadline: new Date(at).toISOString() };
    return fakeDelivery('instance.destroy', late, { redelivered: true, deliveryCount: 1, properties: { messageId: 'the-destroy' } });
  };
  return { ...bench, id, destroy };
}

test('a destroy that was cut off, and comes again when its deadline is past, comes to its end', async () => {
  const { tasks, results, driver, destroy } = await halfGone();
  driver.failNext('find', new ComputeError('busy', 'locked'));
  tasks.take(destroy(Date.now() - 1000));
  const [gone] = await results(1);
  assert.deepEqual([gone?.outcome, gone?.destroyed?.existed, driver.host.instances.size], ['done', true, 0]);
});

test('a destroy whose time is over when half of the instance is gone comes to its end', async () => {
  const { tasks, results, driver, id } = await halfGone();
  driver.failNext('undefine', new ComputeError('timeout', 'look up: the deadline has passed'));
  tasks.take(fakeDelivery('instance.destroy', { instance: { id } }));
  const [gone] = await results(1);
  assert.deepEqual([gone?.outcome, driver.host.instances.size], ['done', 0]);
});

test('a destroy that was cut off, and cannot come to its end when its deadline is past, says that not all is gone', async () => {
  const { tasks, results, driver, destroy } = await halfGone();
  driver.failNext('undefine', new ComputeError('internal', 'no'));
  tasks.take(destroy(Date.now() - 1000));
  const [left] = await results(1);
  assert.deepEqual([left?.error?.kind, left?.error?.leftovers], ['timeout', ['guest', 'domain', 'files']]);
  assert.match(left?.error?.message ?? '', /not all of the instance is gone: destroy it again/);
});

test('a destroy that was cut off, and waits for its turn until its deadline, comes to its end after its answer', async () => {
  const { tasks, results, driver, destroy, id, log } = await halfGone();
  const hold = driver.holdNext('stop');
  driver.failNext('undefine', new ComputeError('internal', 'no'));
  tasks.take(fakeDelivery('instance.destroy', { instance: { id } }));
  await hold.reached;
  tasks.take(destroy(Date.now() + 100));
  const [late] = await results(1);
  assert.deepEqual([late?.messageId, late?.error?.kind], ['the-destroy', 'timeout']);
  hold.release();
  while (!log.lines.some(({ phrase }) => phrase === 'command ended after its answer')) await new Promise(setImmediate);
  assert.equal(driver.host.instances.size, 0);
});
