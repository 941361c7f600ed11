import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withRabbitmq } from '../../support/with-rabbitmq.js';
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
