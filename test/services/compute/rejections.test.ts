import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitUntil } from '../../../ops/private/wait-until.js';
import { ComputeError } from '../../../services/common/errors.js';
import { MAX_BODY_BYTES } from '../../../services/compute/decode.js';
import { AmqpClient } from '../../support/amqp-client.js';
import { spawnBody } from '../../support/commands.js';
import { withVhost } from '../../support/with-rabbitmq.js';
import { valueOf, withWorker } from '../../support/with-worker.js';

const good = spawnBody();
const HOPELESS: readonly [reason: string, type: string, body: unknown, options: object][] = [
  ['malformed-json', 'instance.spawn', Buffer.from('{"instance": oops'), {}],
  ['unknown-type', 'instance.explode', good, {}],
  ['unknown-version', 'instance.spawn', good, { headers: { version: 99 } }],
  ['content-type', 'instance.spawn', good, { contentType: 'text/yaml' }],
  ['content-encoding', 'instance.spawn', good, { contentEncoding: 'gzip' }],
  ['schema', 'instance.spawn', { instance: { ...good.instance, name: 'a\u0007b' } }, {}],
  ['no-message-id', 'instance.spawn', good, { messageId: '' }],
  ['too-large', 'instance.spawn', Buffer.alloc(MAX_BODY_BYTES + 1, 32), {}],
];

test('what cannot be a command is answered, dead-lettered with its reason, counted and logged, and the queue goes on', async (t) => {
  const { url } = await withVhost(t);
  const { metrics, log } = await withWorker(t, url);
  const client = await AmqpClient.connect(t, url);
  for (const [reason, type, body, options] of HOPELESS) {
    await client.send(type, body, options);
    const { result } = await client.replies.next();
    assert.equal(result.outcome, 'failed', reason);
    const { properties } = await client.deadLetter();
    const { headers } = properties;
    assert.deepEqual([headers?.['x-novalet-reason'], headers?.['x-novalet-kind'], properties.type], [reason, result.error?.kind, type]);
    assert.equal(headers?.['x-novalet-routing-key'], 'compute.host-1.work');
    const counted = async (): Promise<boolean> => (await valueOf(metrics, 'novalet_messages_dead_lettered_total', { reason })) === 1;
    await waitUntil('the metric', counted);
    await waitUntil('the log', () => log.lines.some((line) => line.phrase === 'message rejected' && line.reason === reason));
  }
  assert.equal((await client.call('instance.spawn', good)).outcome, 'done');
});

test('a message that nobody signed is dead-lettered and told as an event', async (t) => {
  const { url } = await withVhost(t);
  await withWorker(t, url);
  const client = await AmqpClient.connect(t, url);
  await client.listen();
  await client.send('', Buffer.from('?'), { messageId: '', replyTo: '', headers: {} });
  const { message, result } = await client.events.next();
  assert.equal(message.fields.routingKey, 'command.rejected');
  assert.equal(result.error?.kind, 'invalid');
  assert.equal((await client.deadLetter()).content.toString(), '?');
});

test('a stranger’s headers neither send the dead letter elsewhere nor make it impossible', async (t) => {
  const { url } = await withVhost(t);
  await withWorker(t, url);
  const client = await AmqpClient.connect(t, url);
  const sly = {
    version: 1,
    CC: [client.replyTo],
    BCC: [client.replyTo],
    far: { '!': 'int64', value: -9e15 },
    nothing: null,
    list: [1, ['x']],
  };
  await client.send('nonsense', good, { headers: sly, timestamp: Number.MAX_SAFE_INTEGER, expiration: 60_000 });
  const { properties } = await client.deadLetter();
  const { headers } = properties;
  assert.deepEqual(
    [headers?.['x-novalet-reason'], headers?.['CC'], properties.expiration, headers?.['list']],
    ['unknown-type', undefined, undefined, [1, ['x']]],
  );
  assert.equal((await client.call('instance.spawn', good)).outcome, 'done');
});

test('a failure that nobody understands is answered as internal, and its message kept', async (t) => {
  const { url } = await withVhost(t);
  const { driver } = await withWorker(t, url);
  driver.failNext('define', new ComputeError('internal', 'define: the impossible happened'));
  const client = await AmqpClient.connect(t, url);
  assert.equal((await client.call('instance.spawn', good)).error?.kind, 'internal');
  const letter = await client.deadLetter();
  assert.equal(letter.properties.headers?.['x-novalet-reason'], 'internal');
  assert.deepEqual(JSON.parse(letter.content.toString()), good);
});
