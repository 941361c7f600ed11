import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { ComputeError } from '../../../services/common/errors.js';
import type { CommandType } from '../../../services/common/messages/commands.js';
import { specHash } from '../../../services/common/spec-hash.js';
import { spawnBody } from '../../support/commands.js';
import { type FakeDelivery, fakeDelivery } from '../../support/fake-delivery.js';
import { workbench } from '../../support/workbench.js';

const SHORT_MS = 150;
const soon = (): string => new Date(Date.now() + SHORT_MS).toISOString();

/** A host with an instance of which a stop stands still. */
async function stuck(capacity = { work: 2, control: 2 }) {
  const bench = workbench({ capacity });
  const { instance } = spawnBody();
  const about = { id: instance.id };
  bench.tasks.take(fakeDelivery('instance.spawn', { instance }));
  await bench.results(1);
  const hold = bench.driver.holdNext('shutdown');
  bench.tasks.take(fakeDelivery('instance.stop', { instance: about }, { queue: 'control' }));
  await hold.reached;
  const send = (type: CommandType, more: object = {}, delivery: object = {}): FakeDelivery => {
    const sent = fakeDelivery(type, { instance: about, ...more }, { queue: 'control', ...delivery });
    bench.tasks.take(sent);
    return sent;
  };
  return { ...bench, about, hold, send };
}

test('a command that waits behind another of its instance is answered when its deadline comes, and is not done later', async () => {
  const { tasks, results, driver, about, hold, send } = await stuck();
  const pause = send('instance.pause', { deadline: soon() });
  const [answer] = await results(1);
  assert.deepEqual([answer?.command, answer?.error?.kind], ['instance.pause', 'timeout']);
  assert.match(answer?.error?.message ?? '', /before the command was begun; nothing was done for it/);
  await new Promise(setImmediate);
  assert.equal(pause.fate(), 'acked');
  hold.release();
  const [stop] = await results(1);
  await tasks.settled();
  assert.equal(stop?.outcome, 'done');
  assert.equal(driver.host.instances.get(about.id)?.powerState, 'shutdown');
});

test('so is one that waits for a free place', async () => {
  const { results, hold } = await stuck({ work: 1, control: 1 }).then((bench) => {
    bench.tasks.take(fakeDelivery('instance.pause', { instance: { id: randomUUID() }, deadline: soon() }, { queue: 'control' }));
    return bench;
  });
  const [answer] = await results(1);
  assert.deepEqual([answer?.command, answer?.error?.kind], ['instance.pause', 'timeout']);
  hold.release();
  await results(1);
});

test('what looks does not wait for what changes its instance', async () => {
  const { results, hold, send } = await stuck({ work: 1, control: 1 });
  for (const type of ['instance.get', 'instance.console', 'instance.consoleAddress', 'instance.diagnostics'] as const) {
    send(type);
    const [answer] = await results(1);
    assert.deepEqual([answer?.command, answer?.outcome], [type, 'done']);
  }
  hold.release();
  await results(1);
});

test('a spawn that is at something when its deadline comes is answered soon, and acknowledged when it has taken everything away', async () => {
  const { tasks, results, driver, log } = workbench();
  const hold = driver.holdNext('start');
  const body = spawnBody({}, { deadline: soon() });
  const delivery = fakeDelivery('instance.spawn', body);
  tasks.take(delivery);
  const [answer] = await results(1);
  assert.deepEqual([answer?.error?.kind, answer?.error?.leftovers], ['timeout', ['guest', 'domain', 'files']]);
  assert.equal(delivery.fate(), 'in hand');
  assert.equal(driver.host.instances.size, 1);
  const next = fakeDelivery('instance.get', { instance: { id: body.instance.id } });
  tasks.take(next); // it looks beside
  assert.equal((await results(1))[0]?.record?.committed, false);
  hold.release();
  await tasks.settled();
  assert.equal(delivery.fate(), 'acked');
  assert.equal(driver.host.instances.size, 0);
  assert.ok(log.lines.some(({ phrase }) => phrase === 'command ended after its answer'));
});

test('a copy that waits behind its first is answered with the same words when their deadline comes', async () => {
  const { tasks, results, driver } = workbench();
  const hold = driver.holdNext('start');
  const body = spawnBody({}, { deadline: soon() });
  const properties = { messageId: randomUUID() };
  const both = [false, true].map((redelivered) => fakeDelivery('instance.spawn', body, { properties, redelivered }));
  for (const one of both) tasks.take(one);
  const answers = await results(2);
  assert.deepEqual(answers[0]?.error, answers[1]?.error);
  hold.release();
  await tasks.settled();
  assert.deepEqual([both.map((one) => one.fate()), driver.host.instances.size], [['acked', 'acked'], 0]);
});

test('a spawn that was cut off and waits for a place is answered when its deadline comes, and its remains go when there is one', async () => {
  const { tasks, results, driver } = workbench({ capacity: { work: 1, control: 1 } });
  const hold = driver.holdNext('start');
  tasks.take(fakeDelivery('instance.spawn', spawnBody()));
  await hold.reached;
  const body = spawnBody({}, { deadline: soon() });
  const { instance } = body;
  driver.leaveHalfMade(
    { spec: instance, start: {}, specHash: specHash(instance), generation: 1, requestId: 'r', deadline: Infinity },
    'start',
  );
  const delivery = fakeDelivery('instance.spawn', body, { redelivered: true, deliveryCount: 1 });
  tasks.take(delivery);
  const [answer] = await results(1);
  assert.deepEqual([answer?.error?.kind, answer?.error?.leftovers?.length], ['timeout', 3]);
  assert.deepEqual([delivery.fate(), driver.host.instances.has(instance.id)], ['in hand', true]);
  hold.release();
  await results(1);
  await tasks.settled();
  assert.deepEqual([delivery.fate(), driver.host.instances.has(instance.id)], ['acked', false]);
});

test('a look for what a spawn in hand has not begun to make waits for it, and finds nothing when the spawn has failed', async () => {
  const { tasks, results, driver, log } = workbench();
  const hold = driver.holdNext('images');
  const { instance } = spawnBody();
  driver.failNext('images', new ComputeError('exhausted', 'no room'));
  tasks.take(fakeDelivery('instance.spawn', { instance }));
  await hold.reached;
  tasks.take(fakeDelivery('instance.get', { instance: { id: instance.id } }, { queue: 'control' }));
  while (!log.lines.some(({ phrase }) => phrase === 'command tried again')) await new Promise(setImmediate);
  hold.release();
  const [spawn, get] = await results(2);
  assert.deepEqual([spawn?.error?.kind, get?.command, get?.error?.kind], ['exhausted', 'instance.get', 'not-found']);
});

test('what a destroy is taking away was not taken by others', async () => {
  const { tasks, results, driver, tombstones } = workbench();
  const { instance } = spawnBody();
  tasks.take(fakeDelivery('instance.spawn', { instance }));
  await results(1);
  driver.host.instances.get(instance.id)!.powerState = null; // its domain is gone, its directory is not
  const ask = async (type: CommandType) => {
    tasks.take(fakeDelivery(type, { instance: { id: instance.id } }));
    return (await results(1))[0];
  };
  assert.deepEqual((await ask('instance.get'))?.record?.missing, ['domain']);
  assert.equal((await ask('instance.console'))?.error?.kind, 'precondition');
  tombstones.bury(instance.id, 1);
  for (const type of ['instance.get', 'instance.console'] as const) assert.equal((await ask(type))?.error?.kind, 'not-found');
});
