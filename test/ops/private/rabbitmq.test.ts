import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AmqpClient } from '../../support/amqp-client.js';
import { withRabbitmq, withVhost } from '../../support/with-rabbitmq.js';
import { makeVhost } from '../../../ops/private/vhost.js';

const DURABLE = { durable: true, arguments: { 'x-queue-type': 'quorum' } };

test('a queue lives through the death of its private node', async (t) => {
  const node = await withRabbitmq(t);
  const vhost = await makeVhost(node.address);
  await vhost.management('PUT', 'queues/{vhost}/work', DURABLE);
  await node.kill();
  await node.start();
  const queue = await vhost.management<{ type: string }>('GET', 'queues/{vhost}/work');
  assert.equal(queue?.type, 'quorum');
});

test('a message of more than 2 MiB is refused by the private node, and never queued', async (t) => {
  const { url } = await withVhost(t);
  const { channel, replyTo } = await AmqpClient.connect(t, url);
  const refused = new Promise<Error>((resolve) => channel.once('error', resolve));
  channel.sendToQueue(replyTo, Buffer.alloc(2 * 1024 * 1024 + 1, 32));
  assert.match((await refused).message, /406 .*larger than configured max size 2097152/);
});
