import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { makeVhost } from '../../../../ops/private/vhost.js';
import { waitUntil } from '../../../../ops/private/wait-until.js';
import { ComputeError } from '../../../../services/common/errors.js';
import { SqliteOutbox } from '../../../../services/compute/outbox/sqlite-outbox.js';
import { FakeDriver } from '../../../../services/compute/virt/fake/fake-driver.js';
import { AmqpClient } from '../../../support/amqp-client.js';
import { spawnBody } from '../../../support/commands.js';
import { takeAwayAfter } from '../../../support/take-away.js';
import { withRabbitmq } from '../../../support/with-rabbitmq.js';
import { startWorker, withWorker } from '../../../support/with-worker.js';

const EVENTS_KEPT = 'kept-events';

/** A node of this file's own, which may be hurt. */
const rabbitmq = await withRabbitmq({ after });
const { url } = await makeVhost(rabbitmq.address);
const first = startWorker({ after }, url);
await first.worker.started();
await first.worker.stop();
await rabbitmq.restart(); // RabbitMQ 3.10 loses a quorum queue that is killed in its first seconds

test(
  'a worker that ends while the broker is away leaves at once, and its answer to the next one, which does not do the work again',
  { timeout: 90_000 },
  async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'novalet-outbox-'));
    takeAwayAfter(t, () => rm(directory, { recursive: true }));
    const file = join(directory, 'outbox.db');
    const driver = new FakeDriver();
    const hold = driver.holdNext('start');
    driver.failNext('start', new ComputeError('exhausted', 'start: no memory'));
    const outbox = new SqliteOutbox({ file });
    const { worker, log } = await withWorker(t, url, { driver, outbox, leaveAfterMs: 60_000 });
    const client = await AmqpClient.connect(t, url);
    await client.channel.assertQueue(EVENTS_KEPT, { durable: true });
    await client.channel.bindQueue(EVENTS_KEPT, 'novalet.events', '#');
    const messageId = await client.send('instance.spawn', spawnBody(), { replyTo: '' });
    await hold.reached;
    await rabbitmq.kill();
    await waitUntil('the loss', () => Promise.resolve(!worker.consuming || undefined));
    hold.release();
    await waitUntil('the answer on the disk', () => Promise.resolve(outbox.count === 1 || undefined));
    await worker.stop();
    assert.ok(log.lines.some(({ phrase }) => phrase === 'left with answers on the disk: the next worker sends them'));
    outbox.close();

    await rabbitmq.start();
    const next = new SqliteOutbox({ file });
    takeAwayAfter(t, () => Promise.resolve(next.close()));
    await withWorker(t, url, { driver, outbox: next });
    const hearer = await AmqpClient.connect(t, url);
    await hearer.hear(EVENTS_KEPT);
    const [kept, toCopy] = (await hearer.events.take(2)).map(({ result }) => result);
    assert.deepEqual([kept?.messageId, kept?.error?.kind], [messageId, 'exhausted']);
    assert.deepEqual(toCopy, kept);
    assert.equal(driver.host.instances.size, 0);
    await waitUntil('the outbox to be empty', () => Promise.resolve(next.count === 0 || undefined));
  },
);

test('while answers can be kept nowhere no command is taken; once they are told, they are', { timeout: 90_000 }, async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'novalet-outbox-'));
  takeAwayAfter(t, () => rm(directory, { recursive: true }));
  const outbox = new SqliteOutbox({ file: join(directory, 'outbox.db'), maxCount: 0 });
  takeAwayAfter(t, () => Promise.resolve(outbox.close()));
  const driver = new FakeDriver();
  const hold = driver.holdNext('start');
  const { worker } = await withWorker(t, url, { driver, outbox, promptMs: 100 });
  const client = await AmqpClient.connect(t, url);
  await client.send('instance.spawn', spawnBody());
  await hold.reached;
  await rabbitmq.rabbitmqctl('set_vm_memory_high_watermark', '0');
  t.after(() => rabbitmq.rabbitmqctl('set_vm_memory_high_watermark', 'absolute', '512MB'));
  hold.release();
  await waitUntil('the worker to say so', () => Promise.resolve(worker.commandsTrouble ?? undefined));
  assert.match(worker.commandsTrouble ?? '', /not taken: .*outbox\.db is full/);
  await rabbitmq.rabbitmqctl('set_vm_memory_high_watermark', 'absolute', '512MB');
  assert.equal((await client.replies.next()).result.outcome, 'done');
  await waitUntil('the worker to be well', () => Promise.resolve(worker.commandsTrouble === null || undefined));
  assert.equal((await client.call('instance.spawn', spawnBody())).outcome, 'done');
});
