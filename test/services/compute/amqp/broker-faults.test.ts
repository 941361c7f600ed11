import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { makeVhost } from '../../../../ops/private/vhost.js';
import { waitUntil } from '../../../../ops/private/wait-until.js';
import { FakeDriver } from '../../../../services/compute/virt/fake/fake-driver.js';
import { AmqpClient } from '../../../support/amqp-client.js';
import { spawnBody } from '../../../support/commands.js';
import { withRabbitmq } from '../../../support/with-rabbitmq.js';
import { startWorker, valueOf, withWorker } from '../../../support/with-worker.js';

const SPAWNS = 20;
const EVENTS_KEPT = 'kept-events';

/** A node of this file's own, which may be hurt. */
const rabbitmq = await withRabbitmq({ after });
const { url } = await makeVhost(rabbitmq.address);
// RabbitMQ 3.10 loses a quorum queue that is killed in its first seconds: a restart in good order puts the queues on the disk.
const first = startWorker({ after }, url);
await first.worker.started();
await first.worker.stop();
await rabbitmq.restart();

for (const how of ['restart', 'kill'] as const) {
  test(`a broker ${how} in the middle of ${SPAWNS} spawns: all of them once, and all told`, async (t) => {
    const driver = new FakeDriver();
    const holds = [1, 2, 3, 4].map(() => driver.holdNext('start'));
    const { metrics } = await withWorker(t, url, { driver });
    const before = await AmqpClient.connect(t, url);
    await before.channel.deleteQueue(EVENTS_KEPT);
    await before.channel.assertQueue(EVENTS_KEPT, { durable: true });
    await before.channel.bindQueue(EVENTS_KEPT, 'novalet.events', '#');
    const bodies = Array.from({ length: SPAWNS }, () => spawnBody());
    for (const body of bodies) await before.send('instance.spawn', body, { replyTo: '' });
    await Promise.all(holds.map((hold) => hold.reached));

    if (how === 'kill') await rabbitmq.kill();
    const back = how === 'kill' ? rabbitmq.start() : rabbitmq.restart();
    await waitUntil('the loss', async () => (await valueOf(metrics, 'novalet_amqp_connection_state')) === 0);
    // Two come to their end while the broker is away, and so may what waited behind them in our hands: their answers wait for it.
    for (const hold of holds.slice(0, 2)) hold.release();
    await waitUntil('the answers that wait', async () => (await valueOf(metrics, 'novalet_amqp_unconfirmed_messages')) >= 2);
    await back;
    for (const hold of holds.slice(2)) hold.release();

    const hearer = await AmqpClient.connect(t, url);
    const told = new Set<string | undefined>();
    await hearer.hear(EVENTS_KEPT);
    while (told.size < SPAWNS) {
      const { result } = await hearer.events.next();
      assert.equal(result.outcome, 'done');
      told.add(result.instanceId);
    }
    for (const { instance } of bodies) assert.equal(driver.host.starts.get(instance.id), 1);
    assert.equal(driver.host.instances.size, SPAWNS);
  });
}

test('while the broker takes no messages the answer waits, and its command stays the broker’s', async (t) => {
  const driver = new FakeDriver();
  const hold = driver.holdNext('start');
  const { metrics, worker } = await withWorker(t, url, { driver });
  const client = await AmqpClient.connect(t, url);
  await client.send('instance.spawn', spawnBody());
  await hold.reached;
  await rabbitmq.rabbitmqctl('set_vm_memory_high_watermark', '0');
  t.after(() => rabbitmq.rabbitmqctl('set_vm_memory_high_watermark', 'absolute', '512MB'));
  hold.release();
  await waitUntil('the block', async () => (await valueOf(metrics, 'novalet_amqp_connection_blocked')) === 1);
  assert.equal(await valueOf(metrics, 'novalet_amqp_unconfirmed_messages'), 2);
  assert.match(worker.brokerTrouble ?? '', /takes no answers: .*memory/);
  await rabbitmq.rabbitmqctl('set_vm_memory_high_watermark', 'absolute', '512MB');
  assert.equal((await client.replies.next()).result.outcome, 'done');
  await waitUntil('the end of the block', async () => (await valueOf(metrics, 'novalet_amqp_connection_blocked')) === 0);
  assert.equal(worker.brokerTrouble, null);
});

test('a worker that the broker blocks leaves all the same; the next one answers', { timeout: 60_000 }, async (t) => {
  const driver = new FakeDriver();
  const hold = driver.holdNext('start');
  const { worker, metrics } = await withWorker(t, url, { driver, leaveAfterMs: 200 });
  const client = await AmqpClient.connect(t, url);
  await client.send('instance.spawn', spawnBody());
  await hold.reached;
  await rabbitmq.rabbitmqctl('set_vm_memory_high_watermark', '0');
  t.after(() => rabbitmq.rabbitmqctl('set_vm_memory_high_watermark', 'absolute', '512MB'));
  hold.release();
  await waitUntil('the block', async () => (await valueOf(metrics, 'novalet_amqp_connection_blocked')) === 1);
  await worker.stop();
  await rabbitmq.rabbitmqctl('set_vm_memory_high_watermark', 'absolute', '512MB');
  await withWorker(t, url, { driver: new FakeDriver(driver.host) });
  assert.equal((await client.replies.next()).result.outcome, 'done');
});

test('a worker whose broker is gone finishes its work and leaves; the next one answers', async (t) => {
  const driver = new FakeDriver();
  const hold = driver.holdNext('start');
  const { worker, metrics, log } = await withWorker(t, url, { driver, leaveAfterMs: 200 });
  const client = await AmqpClient.connect(t, url);
  await client.channel.assertQueue('answers', { durable: true });
  const body = spawnBody();
  await client.send('instance.spawn', body, { replyTo: 'answers' });
  await hold.reached;
  await rabbitmq.kill();
  await waitUntil('the loss', async () => (await valueOf(metrics, 'novalet_amqp_connection_state')) === 0);
  const left = worker.stop();
  hold.release();
  await left;
  assert.ok(driver.host.instances.get(body.instance.id)?.committed);
  assert.ok(log.lines.some(({ phrase }) => phrase.startsWith('left with unconfirmed answers')));
  await rabbitmq.start();
  await withWorker(t, url, { driver: new FakeDriver(driver.host) });
  const hearer = await AmqpClient.connect(t, url);
  await hearer.hear('answers');
  assert.equal((await hearer.events.next()).result.outcome, 'done');
  assert.equal(driver.host.starts.get(body.instance.id), 1);
});
