import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { CommandResult } from '../../../services/common/messages/results.js';
import { AmqpClient } from '../../support/amqp-client.js';
import { withVhost } from '../../support/with-rabbitmq.js';
import { withWorker } from '../../support/with-worker.js';

const image = { url: 'https://images.example/debian.qcow2', sha256: 'ab'.repeat(32) };

test('a prefetch is answered with what the image is, and a second one finds it', async (t) => {
  const { url } = await withVhost(t);
  await withWorker(t, url);
  const client = await AmqpClient.connect(t, url);
  await client.listen();
  const messageId = await client.send('image.prefetch', { image });
  const { result } = await client.replies.next();
  assert.deepEqual(CommandResult.parse(result), result);
  assert.deepEqual([result.outcome, result.messageId, result.instanceId], ['done', messageId, undefined]);
  assert.deepEqual([result.image?.sha256, result.image?.fetched], [image.sha256, true]);
  const event = await client.events.next();
  assert.equal(event.message.fields.routingKey, 'image.prefetch.done');
  assert.equal((await client.call('image.prefetch', { image })).image?.fetched, false);
});

test('prefetches of one image come one after the other, and hold no other command up', async (t) => {
  const { url } = await withVhost(t);
  const { driver } = await withWorker(t, url);
  const client = await AmqpClient.connect(t, url);
  const hold = driver.holdNext('prefetch');
  await client.send('image.prefetch', { image });
  await hold.reached;
  await client.send('image.prefetch', { image });
  assert.equal((await client.call('instance.destroy', { instance: { id: randomUUID() } })).outcome, 'done');
  hold.release();
  assert.deepEqual(
    (await client.replies.take(2)).map(({ result }) => result.image?.fetched),
    [true, false],
  );
});

test('an image with another scheme, or with a digest that is none, is refused by its field', async (t) => {
  const { url } = await withVhost(t);
  await withWorker(t, url);
  const client = await AmqpClient.connect(t, url);
  const fieldOf = async (wish: object) => (await client.call('image.prefetch', { image: wish })).error?.field;
  assert.equal(await fieldOf({ url: 'file:///etc/passwd' }), 'image.url');
  assert.equal(await fieldOf({ ...image, sha256: 'abc' }), 'image.sha256');
});
