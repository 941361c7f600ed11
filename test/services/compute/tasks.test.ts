import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FakeDriver } from '../../../services/compute/virt/fake/fake-driver.js';
import { ComputeError } from '../../../services/common/errors.js';
import type { CommandResult } from '../../../services/common/messages/results.js';
import { specHash } from '../../../services/common/spec-hash.js';
import { spawnBody } from '../../support/commands.js';
import { Inbox } from '../../support/inbox.js';
import { fakeDelivery } from '../../support/fake-delivery.js';
import { workbench } from '../../support/workbench.js';

const addressed = { properties: { type: 'instance.spawn', messageId: 'm-1', replyTo: 'me', headers: { version: 1 } } };

test('the ack comes after the work, and after reply and event are confirmed', async () => {
  const { tasks, published, driver } = workbench();
  const hold = driver.holdNext('started');
  const delivery = fakeDelivery('instance.spawn', spawnBody(), addressed);
  tasks.take(delivery);
  await hold.reached;
  assert.equal(delivery.fate(), 'in hand');
  hold.release();
  const [first, second] = await published.take(2);
  first?.confirm();
  await new Promise(setImmediate);
  assert.equal(delivery.fate(), 'in hand');
  second?.confirm();
  await tasks.settled();
  assert.equal(delivery.fate(), 'acked');
});

test('a dead letter is confirmed before the ack, too; one that cannot be written goes without its headers', async () => {
  const { tasks, published } = workbench();
  const delivery = fakeDelivery('instance.spawn', Buffer.from('?'), { properties: { headers: { version: 1, odd: Infinity } } });
  tasks.take(delivery);
  const [event, letter] = await published.take(2);
  event?.confirm();
  assert.equal(letter?.message.headers?.['odd'], Infinity);
  letter?.confirm('impossible');
  const bare = await published.next();
  assert.deepEqual([bare.message.headers?.['odd'], bare.message.headers?.['x-novalet-reason']], [undefined, 'malformed-json']);
  assert.equal(delivery.fate(), 'in hand');
  bare.confirm();
  await tasks.settled();
  assert.equal(delivery.fate(), 'acked');
});

test('when the worker stops, a command that waits to be tried again goes back to the broker', async () => {
  const { tasks, driver, log } = workbench();
  for (let i = 0; i < 50; i++) driver.failNext('find', new ComputeError('unavailable', 'libvirt is away'));
  const delivery = fakeDelivery('instance.spawn', spawnBody());
  tasks.take(delivery);
  while (!log.lines.some(({ phrase }) => phrase === 'command tried again')) await new Promise(setImmediate);
  tasks.close('work', 'the worker is stopping');
  await tasks.settled();
  assert.equal(delivery.fate(), 'given back');
});

test('what may pass is tried until the deadline, and then is the answer', async () => {
  const { tasks, published, driver } = workbench();
  for (let i = 0; i < 50; i++) driver.failNext('find', new ComputeError('busy', 'locked'));
  tasks.take(fakeDelivery('instance.spawn', { ...spawnBody(), deadline: new Date(Date.now() + 300).toISOString() }));
  const event = await published.next();
  assert.match(event.message.content.toString(), /"kind":"busy".*"retryable":true/);
  event.confirm();
  await tasks.settled();
});

/** A spawn that breaks off by a fault of our own, and how long it is to wait before it goes back. */
async function brokenOff(deliveryCount = 0) {
  const pauses = new Inbox<{ ms: number; signal: AbortSignal; end: () => void }>();
  const pause = (ms: number, signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve());
      pauses.push({ ms, signal, end: resolve });
    });
  const bench = workbench({ pause });
  bench.driver.failNext('find', new TypeError('x is not a function'));
  const delivery = fakeDelivery('instance.spawn', spawnBody(), { ack: () => assert.fail('the channel threw'), deliveryCount });
  bench.tasks.take(delivery);
  for (const one of await bench.published.take(2)) one.confirm(); // event and dead letter of an internal failure
  return { ...bench, delivery, paused: await pauses.next() };
}

test('a fault of our own gives the message back instead of losing it', async () => {
  const { tasks, log, delivery, paused } = await brokenOff();
  assert.equal(delivery.fate(), 'in hand');
  paused.end();
  await tasks.settled();
  assert.equal(delivery.fate(), 'given back');
  assert.ok(log.lines.some(({ phrase }) => phrase === 'task broke off'));
});

test('what breaks off again and again goes back ever later, up to a minute', async (t) => {
  t.mock.method(Math, 'random', () => 1);
  const waits: number[] = [];
  for (const count of [0, 1, 2, 9, 999]) {
    const { tasks, paused } = await brokenOff(count);
    waits.push(paused.ms);
    paused.end();
    await tasks.settled();
  }
  assert.deepEqual(waits, [500, 1000, 2000, 60_000, 60_000]);
});

test('what waits to go back goes at once when its queue is closed or drained', async () => {
  for (const close of ['close', 'drain'] as const) {
    const { tasks, delivery } = await brokenOff();
    void tasks[close]('work', 'the worker is stopping', Promise.resolve());
    await tasks.settled();
    assert.equal(delivery.fate(), 'given back');
  }
});

const PAST = '2020-01-01T00:00:00Z';

/** An expired spawn as it is answered, when an attempt had been cut off after `upTo` before. */
async function answerToExpired(upTo: 'disks' | 'start' | 'committed', spoil: (driver: FakeDriver) => void = () => {}) {
  const { tasks, published, driver } = workbench();
  const body = spawnBody({}, { deadline: PAST });
  const request = { spec: body.instance, start: {}, specHash: specHash(body.instance), generation: 1, requestId: 'r', deadline: Infinity };
  if (upTo === 'committed') await driver.spawn(request);
  else driver.leaveHalfMade(request, upTo);
  spoil(driver);
  tasks.take(fakeDelivery('instance.spawn', body));
  const { message } = await published.next();
  const { outcome, error, instance } = JSON.parse(message.content.toString()) as CommandResult;
  return { outcome, error, instance, left: driver.host.instances.size };
}

test('an expired spawn takes away what an attempt that was cut off had left, and says so', async () => {
  const { error, left } = await answerToExpired('start');
  assert.deepEqual([error?.kind, error?.cleanedUp, left], ['timeout', ['guest', 'domain', 'files'], 0]);
  assert.match(error?.message ?? '', /passed.*attempt that was cut off.*taken away/);
});

test('an expired spawn whose work had been done is answered with it', async () => {
  const { outcome, instance, left } = await answerToExpired('committed');
  assert.deepEqual([outcome, instance?.powerState, left], ['done', 'running', 1]);
});

test('an expired spawn waits a while for a hypervisor that is away to learn what is left', async () => {
  const away = (driver: FakeDriver) => driver.failNext('abandon', new ComputeError('unavailable', 'libvirt is away'));
  const { error, left } = await answerToExpired('disks', away);
  assert.deepEqual([error?.kind, error?.cleanedUp, left], ['timeout', ['files'], 0]);
});

test('what is not begun of a drained queue stays in hand until the queue is not consumed any more', async () => {
  const { tasks } = workbench();
  let end = (): void => {};
  const drained = tasks.drain('work', 'the host is drained', new Promise((resolve) => (end = resolve)));
  const delivery = fakeDelivery('instance.spawn', spawnBody());
  tasks.take(delivery);
  await tasks.settled();
  assert.equal(delivery.fate(), 'in hand');
  end();
  await drained;
  assert.equal(delivery.fate(), 'given back');
});
