import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { ComputeError } from '../../../services/common/errors.js';
import type { Outbox } from '../../../services/compute/outbox/outbox.js';
import { SqliteOutbox } from '../../../services/compute/outbox/sqlite-outbox.js';
import { FakeDriver } from '../../../services/compute/virt/fake/fake-driver.js';
import { spawnBody } from '../../support/commands.js';
import { fakeDelivery } from '../../support/fake-delivery.js';
import { takeAwayAfter } from '../../support/take-away.js';
import { valueOf } from '../../support/with-worker.js';
import { workbench } from '../../support/workbench.js';

function outboxIn(t: TestContext, more: { maxCount?: number; maxBytes?: number } = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'novalet-outbox-'));
  takeAwayAfter(t, () => Promise.resolve(rmSync(directory, { recursive: true })));
  const open = (): SqliteOutbox => {
    const outbox = new SqliteOutbox({ file: join(directory, 'outbox.db'), ...more });
    takeAwayAfter(t, () => Promise.resolve(outbox.close()));
    return outbox;
  };
  return { outbox: open(), open };
}

const AWAY = { brokerTakes: () => false };
const properties = { messageId: 'm-1', replyTo: 'me' };

test('an answer that is confirmed promptly is never written to the disk', async (t) => {
  const { outbox } = outboxIn(t);
  const put = t.mock.method(outbox, 'put');
  const { tasks, results } = workbench({ outbox });
  const delivery = fakeDelivery('instance.spawn', spawnBody());
  tasks.take(delivery);
  await results(1);
  await tasks.settled();
  assert.deepEqual([delivery.fate(), put.mock.callCount()], ['acked', 0]);
});

test('whoever asked by another door hears his answer while the broker is away, once its event is on the disk', async (t) => {
  const { outbox } = outboxIn(t);
  const { tasks, published } = workbench({ outbox, ...AWAY });
  const heard = new Promise<number>((resolve) => {
    const answered = (): Promise<void> => Promise.resolve(resolve(outbox.count));
    tasks.take(fakeDelivery('instance.spawn', spawnBody(), { replies: () => [], answered }));
  });
  assert.equal(await heard, 1);
  for (const { confirm } of await published.take(1)) confirm();
  await tasks.settled();
  assert.equal(outbox.count, 0);
});

test('while the broker is away an answer is on the disk; the next worker sends it first and gives it to the copy', async (t) => {
  const { outbox, open } = outboxIn(t);
  const driver = new FakeDriver();
  driver.failNext('start', new ComputeError('exhausted', 'start: no memory'));
  const body = spawnBody();
  const dying = workbench({ outbox, driver, ...AWAY });
  const first = fakeDelivery('instance.spawn', body, { properties });
  dying.tasks.take(first);
  await dying.published.take(2); // reply and event, which nobody confirms
  await new Promise(setImmediate);
  assert.deepEqual([outbox.count, first.fate()], [1, 'in hand']);
  assert.equal(await valueOf(dying.metrics, 'novalet_outbox_answers'), 1);

  const next = workbench({ outbox: open(), driver });
  const sent = next.tasks.sendKept();
  const copy = fakeDelivery('instance.spawn', body, { properties, redelivered: true });
  next.tasks.take(copy);
  const [kept, again] = await next.results(2);
  await Promise.all([sent, next.tasks.settled()]);
  assert.equal(kept?.error?.kind, 'exhausted');
  assert.deepEqual(again, kept);
  assert.equal(copy.fate(), 'acked');
  assert.equal(driver.host.instances.size, 0); // the copy did not run
  assert.deepEqual([...open().unsent()], []);
});

test('a worker may leave when every answer is told or on the disk, and not before', async (t) => {
  const { outbox } = outboxIn(t);
  const { tasks, published, driver } = workbench({ outbox, ...AWAY });
  tasks.take(fakeDelivery('instance.spawn', spawnBody()));
  await published.next();
  const hold = driver.holdNext('start');
  tasks.take(fakeDelivery('instance.spawn', spawnBody()));
  let mayLeave = false;
  const safe = tasks.safe().then(() => (mayLeave = true));
  await hold.reached;
  await new Promise(setImmediate);
  assert.deepEqual([outbox.count, mayLeave], [1, false]);
  hold.release();
  await safe;
  assert.equal(outbox.count, 2);
});

test('an answer on the disk leaves it when it is confirmed after all', async (t) => {
  const { outbox } = outboxIn(t);
  const { tasks, results, metrics } = workbench({ outbox, ...AWAY });
  tasks.take(fakeDelivery('instance.spawn', spawnBody()));
  await results(1);
  await tasks.settled();
  assert.deepEqual([outbox.count, outbox.bytes, [...outbox.unsent()].length], [0, 0, 0]);
  assert.equal(await valueOf(metrics, 'novalet_outbox_answers'), 0);
});

for (const [what, limit] of [
  ['by number', { maxCount: 1 }],
  ['by size', { maxBytes: 1500 }],
] as const) {
  test(`an outbox that is full ${what} says so, and says when it is not any more`, async (t) => {
    const { outbox } = outboxIn(t, limit);
    const troubles: (string | null)[] = [];
    const { tasks, published, metrics } = workbench({ outbox, ...AWAY, onTrouble: (trouble) => troubles.push(trouble) });
    tasks.take(fakeDelivery('instance.spawn', spawnBody()));
    const [first] = await published.take(1);
    tasks.take(fakeDelivery('instance.spawn', spawnBody()));
    const [second] = await published.take(1);
    await new Promise(setImmediate);
    assert.equal(outbox.count, 1);
    assert.match(troubles.at(-1) ?? '', /outbox\.db is full: it holds 1 answers/);
    assert.equal(await valueOf(metrics, 'novalet_outbox_trouble'), 1);
    second?.confirm();
    first?.confirm();
    await tasks.settled();
    assert.deepEqual([troubles.at(-1), await valueOf(metrics, 'novalet_outbox_trouble')], [null, 0]);
  });
}

test('an answer that the disk does not take is sent all the same, and acknowledged', async () => {
  const full = () => {
    throw new ComputeError('exhausted', 'cannot write outbox.db: the disk is full');
  };
  const outbox: Outbox = { unsent: () => [], put: full, remove: () => {}, count: 0, bytes: 0, close: () => {} };
  const troubles: (string | null)[] = [];
  const { tasks, results } = workbench({ outbox, ...AWAY, onTrouble: (trouble) => troubles.push(trouble) });
  const delivery = fakeDelivery('instance.spawn', spawnBody());
  tasks.take(delivery);
  await results(1);
  await tasks.settled();
  assert.equal(delivery.fate(), 'acked');
  assert.deepEqual([/disk is full/.test(troubles[0] ?? ''), troubles.at(-1)], [true, null]);
});

test('a dead letter with values that only AMQP knows comes back from the disk as it went', async (t) => {
  const { outbox, open } = outboxIn(t);
  const { tasks, published } = workbench({ outbox, ...AWAY });
  const headers = { version: 1, odd: { '!': 'timestamp', value: 7 }, bytes: Buffer.from([0, 255]) };
  tasks.take(fakeDelivery('instance.spawn', Buffer.from('?'), { properties: { headers } }));
  await published.take(2);
  await new Promise(setImmediate);
  const [entry] = open().unsent();
  const letter = entry?.messages.find(({ exchange }) => exchange === 'novalet.dead');
  assert.deepEqual(letter?.content, Buffer.from('?'));
  assert.deepEqual([letter?.headers?.['bytes'], letter?.headers?.['odd']], [headers.bytes, headers.odd]);
});
