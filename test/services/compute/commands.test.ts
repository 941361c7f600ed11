import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { waitUntil } from '../../../ops/private/wait-until.js';
import { CommandResult } from '../../../services/common/messages/results.js';
import { ComputeError } from '../../../services/common/errors.js';
import { AmqpClient } from '../../support/amqp-client.js';
import { spawnBody } from '../../support/commands.js';
import { withVhost } from '../../support/with-rabbitmq.js';
import { valueOf, withWorker } from '../../support/with-worker.js';

test('a spawn is answered to its sender and told to everybody', async (t) => {
  const { url } = await withVhost(t);
  await withWorker(t, url);
  const client = await AmqpClient.connect(t, url);
  await client.listen('instance.#');
  const body = spawnBody({}, { requestId: 'req-7' });
  const messageId = await client.send('instance.spawn', body, { correlationId: 'c-1' });
  const { result, message } = await client.replies.next();
  assert.deepEqual(CommandResult.parse(result), result);
  assert.equal(result.instance?.powerState, 'running');
  assert.deepEqual([result.messageId, result.requestId, result.host], [messageId, 'req-7', 'host-1']);
  assert.equal(message.properties.type, 'instance.spawn.result');
  assert.equal(message.properties.correlationId, 'c-1');
  const event = await client.events.next();
  assert.equal(event.message.fields.routingKey, `instance.${body.instance.id}.spawn.done`);
  assert.deepEqual(event.result, result);
  assert.equal(event.message.properties.deliveryMode, 2);
});

test('without a correlation id the reply carries the message id; without reply_to there is the event alone', async (t) => {
  const { url } = await withVhost(t);
  await withWorker(t, url);
  const client = await AmqpClient.connect(t, url);
  await client.listen();
  const messageId = await client.send('instance.destroy', { instance: { id: randomUUID() } }, { queue: 'control' });
  assert.equal((await client.replies.next()).message.properties.correlationId, messageId);
  await client.send('instance.destroy', { instance: { id: randomUUID() } }, { messageId: 'quiet', replyTo: '' });
  assert.equal((await client.events.find(({ result }) => result.messageId === 'quiet')).result.outcome, 'done');
});

test('the same message three times at once gives one guest and the same answer', async (t) => {
  const { url } = await withVhost(t);
  const { driver } = await withWorker(t, url);
  const client = await AmqpClient.connect(t, url);
  const body = spawnBody();
  await Promise.all([1, 2, 3].map(() => client.send('instance.spawn', body, { messageId: 'thrice' })));
  const answers = (await client.replies.take(3)).map(({ result }) => result.instance);
  assert.deepEqual(answers, [answers[0], answers[0], answers[0]]);
  assert.equal(driver.host.starts.get(body.instance.id), 1);
});

test('another spec under the same id is refused, and the guest is as it was', async (t) => {
  const { url } = await withVhost(t);
  await withWorker(t, url);
  const client = await AmqpClient.connect(t, url);
  const { instance } = spawnBody();
  const before = await client.call('instance.spawn', { instance });
  const refused = await client.call('instance.spawn', { instance: { ...instance, memoryMiB: 32 } });
  assert.equal(refused.error?.kind, 'already-exists');
  assert.equal(refused.error?.retryable, false);
  assert.deepEqual((await client.call('instance.spawn', { instance })).instance, before.instance);
});

test('a command past its deadline is answered and not run', async (t) => {
  const { url } = await withVhost(t);
  const { driver, metrics } = await withWorker(t, url);
  const client = await AmqpClient.connect(t, url);
  const answer = await client.call('instance.spawn', spawnBody({}, { deadline: '2020-01-01T00:00:00Z' }));
  assert.deepEqual([answer.error?.kind, answer.error?.retryable], ['timeout', true]);
  assert.equal(driver.host.instances.size, 0);
  const counted = async (): Promise<boolean> =>
    (await valueOf(metrics, 'novalet_command_duration_seconds', { outcome: 'timeout', le: '+Inf' })) === 1;
  await waitUntil('the metric', counted);
});

test('a reply that nobody takes is counted, and the command is done all the same', async (t) => {
  const { url } = await withVhost(t);
  const { metrics, log } = await withWorker(t, url);
  const client = await AmqpClient.connect(t, url);
  await client.listen();
  await client.send('instance.spawn', spawnBody(), { replyTo: 'nobody-reads-this' });
  assert.equal((await client.events.next()).result.outcome, 'done');
  await waitUntil('the metric', async () => (await valueOf(metrics, 'novalet_replies_returned_total')) === 1);
  assert.ok(log.lines.some(({ phrase }) => phrase === 'reply returned'));
});

test('a failure that may pass is tried again, in its lane, and the sender hears of the success', async (t) => {
  const { url } = await withVhost(t);
  const { driver, metrics } = await withWorker(t, url);
  driver.failNext('define', new ComputeError('unavailable', 'libvirt went away'));
  driver.failNext('define', new ComputeError('busy', 'the domain is locked'));
  const client = await AmqpClient.connect(t, url);
  assert.equal((await client.call('instance.spawn', spawnBody())).outcome, 'done');
  assert.equal(await valueOf(metrics, 'novalet_command_retries_total'), 2);
});
