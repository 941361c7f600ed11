import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConsumeMessage } from 'amqplib';
import { ComputeError } from '../../../services/common/errors.js';
import { DELIVERY_LIMIT } from '../../../services/compute/attempts.js';
import { fetchPlaces } from '../../../services/compute/lanes.js';
import { FakeDriver } from '../../../services/compute/virt/fake/fake-driver.js';
import { waitUntil } from '../../../ops/private/wait-until.js';
import { Inbox } from '../../support/inbox.js';
import { AmqpClient } from '../../support/amqp-client.js';
import { spawnBody } from '../../support/commands.js';
import { withVhost } from '../../support/with-rabbitmq.js';
import { valueOf, withWorker } from '../../support/with-worker.js';
import { cutWorker } from '../../support/broker-view.js';

const WORK = 'novalet.compute.host-1.work';

test('a connection cut in the middle of a spawn costs nothing: one guest, and the same answer to the copy', async (t) => {
  const vhost = await withVhost(t);
  const { url } = vhost;
  const driver = new FakeDriver();
  const hold = driver.holdNext('start');
  const { metrics } = await withWorker(t, url, { driver });
  const client = await AmqpClient.connect(t, url);
  const body = spawnBody();
  await client.send('instance.spawn', body);
  await hold.reached;
  await cutWorker(vhost);
  // The broker still had the message, and gives it out again; the copy waits in its lane.
  await waitUntil('the copy', async () => (await valueOf(metrics, 'novalet_messages_redelivered_total')) === 1);
  hold.release();
  const [first, copy] = (await client.replies.take(2)).map(({ result }) => result);
  assert.equal(first?.outcome, 'done');
  assert.deepEqual(copy, first);
  assert.equal(driver.host.starts.get(body.instance.id), 1);
});

test('a failure stays a failure for a copy of its message', async (t) => {
  const vhost = await withVhost(t);
  const { url } = vhost;
  const driver = new FakeDriver();
  const hold = driver.holdNext('start');
  driver.failNext('start', new ComputeError('exhausted', 'start: no memory'));
  const { metrics } = await withWorker(t, url, { driver });
  const client = await AmqpClient.connect(t, url);
  await client.send('instance.spawn', spawnBody());
  await hold.reached;
  await cutWorker(vhost);
  await waitUntil('the copy', async () => (await valueOf(metrics, 'novalet_messages_redelivered_total')) === 1);
  hold.release();
  assert.deepEqual(
    (await client.replies.take(2)).map(({ result }) => result.error?.kind),
    ['exhausted', 'exhausted'],
  );
  assert.equal(driver.host.instances.size, 0);
});

test('no more messages are in our hands than there are places for work and for what is fetched beforehand', async (t) => {
  const { url } = await withVhost(t);
  const driver = new FakeDriver();
  const holds = [1, 2, 3].map(() => driver.holdNext('define'));
  await withWorker(t, url, { driver, concurrency: 3 });
  const client = await AmqpClient.connect(t, url);
  for (let i = 0; i < 10; i++) await client.send('instance.spawn', spawnBody());
  await Promise.all(holds.map((hold) => hold.reached));
  assert.equal((await client.channel.checkQueue(WORK)).messageCount, 10 - 3 - fetchPlaces(3));
  for (const hold of holds) hold.release();
  assert.equal((await client.replies.take(10)).filter(({ result }) => result.outcome === 'done').length, 10);
});

test('a message that comes back undone again and again is answered, and kept for a person', async (t) => {
  const { url } = await withVhost(t);
  const first = await withWorker(t, url); // who declares the queue
  await first.worker.stop();
  const client = await AmqpClient.connect(t, url);
  const messageId = await client.send('instance.spawn', spawnBody());
  await returnUndone(client, DELIVERY_LIMIT);
  const { driver } = await withWorker(t, url);
  const { result } = await client.replies.next();
  assert.deepEqual([result.messageId, result.error?.kind], [messageId, 'internal']);
  assert.equal((await client.deadLetter()).properties.headers?.['x-novalet-reason'], 'delivery-limit');
  assert.equal(driver.host.instances.size, 0);
});

test('a count of deliveries that the sender wrote counts for nothing', async (t) => {
  const { url } = await withVhost(t);
  await withWorker(t, url);
  const client = await AmqpClient.connect(t, url);
  const headers = { version: 1, 'x-delivery-count': DELIVERY_LIMIT };
  assert.equal((await client.call('instance.spawn', spawnBody(), { headers })).outcome, 'done');
});

test('nor does it after a return, when the broker counts', async (t) => {
  const { url } = await withVhost(t);
  const first = await withWorker(t, url);
  await first.worker.stop();
  const client = await AmqpClient.connect(t, url);
  await client.send('instance.spawn', spawnBody(), { headers: { version: 1, 'x-delivery-count': DELIVERY_LIMIT } });
  await returnUndone(client, 1);
  await withWorker(t, url);
  assert.equal((await client.replies.next()).result.outcome, 'done');
});

test('a dead letter that is put back counts from nothing again', async (t) => {
  const { url } = await withVhost(t);
  const first = await withWorker(t, url);
  await first.worker.stop();
  const client = await AmqpClient.connect(t, url);
  const body = spawnBody();
  await client.send('instance.spawn', body);
  await returnUndone(client, DELIVERY_LIMIT);
  await withWorker(t, url);
  assert.equal((await client.replies.next()).result.error?.kind, 'internal');
  const { headers } = (await client.deadLetter()).properties;
  assert.equal(headers?.['x-delivery-count'], undefined);
  assert.equal(headers?.['x-novalet-delivery-count'], DELIVERY_LIMIT);
  assert.equal((await client.call('instance.spawn', body, { headers })).outcome, 'done');
});

test('a consumer that the broker cancels comes back with its queue', async (t) => {
  const vhost = await withVhost(t);
  const { url } = vhost;
  const { log } = await withWorker(t, url);
  const client = await AmqpClient.connect(t, url);
  await vhost.management('DELETE', `queues/{vhost}/${WORK}`);
  await waitUntil('the second session', () => log.lines.filter(({ phrase }) => phrase === 'broker connected').length === 2);
  assert.equal((await client.call('instance.spawn', spawnBody())).outcome, 'done');
});

/** A worker that gives a message back so often. */
async function returnUndone({ channel }: AmqpClient, times: number): Promise<void> {
  const deliveries = new Inbox<ConsumeMessage>();
  await channel.prefetch(1);
  const { consumerTag } = await channel.consume(WORK, (message) => message && deliveries.push(message));
  for (let returned = 1; returned < times; returned++) channel.nack(await deliveries.next());
  const last = await deliveries.next();
  await channel.cancel(consumerTag);
  channel.nack(last);
}
