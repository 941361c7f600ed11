import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitUntil } from '../../../../ops/private/wait-until.js';
import { AmqpClient } from '../../../support/amqp-client.js';
import { spawnBody } from '../../../support/commands.js';
import { withVhost } from '../../../support/with-rabbitmq.js';
import { startWorker, withWorker } from '../../../support/with-worker.js';

test('a worker declares what docs/messages.md says', async (t) => {
  const vhost = await withVhost(t);
  await withWorker(t, vhost.url);
  for (const name of ['novalet.commands', 'novalet.events', 'novalet.dead']) {
    const exchange = await vhost.management<{ type: string; durable: boolean }>('GET', `exchanges/{vhost}/${name}`);
    assert.deepEqual([exchange?.type, exchange?.durable], ['topic', true]);
  }
  for (const name of ['novalet.compute.host-1.work', 'novalet.compute.host-1.control', 'novalet.dead']) {
    const queue = await vhost.management<{ type: string; durable: boolean; arguments: Record<string, unknown> }>(
      'GET',
      `queues/{vhost}/${name}`,
    );
    assert.deepEqual([queue?.arguments['x-queue-type'], queue?.durable], ['quorum', true]);
    if (name !== 'novalet.dead')
      assert.deepEqual([queue?.arguments['x-delivery-limit'], queue?.arguments['x-dead-letter-exchange']], [1000, 'novalet.dead']);
  }
});

test('a worker costs the broker one connection, two queues for itself and one for the dead of all', async (t) => {
  const vhost = await withVhost(t);
  await withWorker(t, vhost.url);
  const mine = await waitUntil('the broker to list the connection', async () => {
    const all = await vhost.management<{ vhost?: string }[]>('GET', 'connections');
    const here = all?.filter(({ vhost: name }) => name === vhost.name) ?? [];
    return here.length > 0 && here;
  });
  assert.equal(mine.length, 1);
  const queues = await vhost.management<{ name: string }[]>('GET', 'queues/{vhost}');
  assert.deepEqual(queues?.map(({ name }) => name).sort(), [
    'novalet.compute.host-1.control',
    'novalet.compute.host-1.work',
    'novalet.dead',
  ]);
});

test('a queue of the name with other properties is named, with the way out', async (t) => {
  const { url } = await withVhost(t);
  const client = await AmqpClient.connect(t, url);
  await client.channel.assertQueue('novalet.compute.host-1.work', { durable: true });
  const { worker } = startWorker(t, url);
  await assert.rejects(worker.started(), (error: Error) => {
    assert.match(error.message, /novalet\.compute\.host-1\.work exists .* other properties/);
    assert.match(error.message, /rabbitmqctl delete_queue novalet\.compute\.host-1\.work/);
    return true;
  });
});

test('a virtual host that the broker refuses is named, and the worker tries on', async (t) => {
  const { url } = await withVhost(t);
  const { worker, log } = startWorker(t, new URL('/nowhere', url).href);
  await waitUntil('a second attempt', () => log.lines.some(({ attempt }) => attempt === 2));
  assert.match(log.lines[0]?.error ?? '', /refuses the virtual host "nowhere"/);
  assert.match(worker.brokerTrouble ?? '', /^not connected and consuming: the broker refuses the virtual host "nowhere"/);
});

test('a second worker of the same host name takes nothing until the first is gone', async (t) => {
  const { url } = await withVhost(t);
  const first = await withWorker(t, url);
  const second = startWorker(t, url);
  await waitUntil('the refusal', () => second.log.lines.some(({ error }) => error?.includes('two workers have the host name host-1')));
  assert.equal(second.worker.consuming, false);
  assert.match(second.worker.brokerTrouble ?? '', /another worker consumes .*NOVALET_HOST/);
  assert.ok(second.log.lines.every(({ phrase }) => phrase !== 'broker not reached'));
  await first.worker.stop();
  await second.worker.started();
  const client = await AmqpClient.connect(t, url);
  assert.equal((await client.call('instance.spawn', spawnBody())).outcome, 'done');
  assert.equal(second.driver.host.instances.size, 1);
});

test('a wrong password and a broker that is not there are told apart', async (t) => {
  const { url } = await withVhost(t);
  const wrong = new URL(url);
  wrong.password = 'not-this-one';
  const refused = startWorker(t, wrong.href).worker;
  await waitUntil('the refusal', () => /ACCESS-REFUSED|ACCESS_REFUSED|403/.test(refused.brokerTrouble ?? ''));
  assert.ok(!refused.brokerTrouble?.includes('not-this-one'));
  const away = startWorker(t, 'amqp://guest:guest@127.0.0.1:1').worker;
  await waitUntil('the refusal', () => /ECONNREFUSED/.test(away.brokerTrouble ?? ''));
});

test('what somebody deletes or unbinds under a running worker is declared again', async (t) => {
  const vhost = await withVhost(t);
  const { worker } = await withWorker(t, vhost.url, { amqp: { url: vhost.url, declareEveryMs: 50 } });
  await vhost.management('DELETE', 'queues/{vhost}/novalet.dead');
  await vhost.management('DELETE', 'exchanges/{vhost}/novalet.commands');
  await waitUntil('both', async () => {
    const [queue, exchange] = await Promise.all(
      ['queues/{vhost}/novalet.dead', 'exchanges/{vhost}/novalet.commands'].map((path) => vhost.management('GET', path)),
    );
    return Boolean(queue && exchange);
  });
  const client = await AmqpClient.connect(t, vhost.url);
  await client.channel.unbindQueue('novalet.compute.host-1.work', 'novalet.commands', 'compute.host-1.work');
  await waitUntil('the binding', async () => {
    const bound = await vhost.management<unknown[]>('GET', 'exchanges/{vhost}/novalet.commands/bindings/source');
    return bound?.length === 2;
  });
  assert.equal((await client.call('instance.spawn', spawnBody())).outcome, 'done');
  assert.equal(worker.brokerTrouble, null);
});

test('what cannot be declared again is told, and the worker serves on', async (t) => {
  const vhost = await withVhost(t);
  const { worker, log } = await withWorker(t, vhost.url, { amqp: { url: vhost.url, declareEveryMs: 200 } });
  const client = await AmqpClient.connect(t, vhost.url);
  // The worker may be quicker between the two.
  await waitUntil('another exchange of the name', async () => {
    const { channel } = await AmqpClient.connect(t, vhost.url);
    channel.on('error', () => {});
    await channel.deleteExchange('novalet.dead');
    return channel.assertExchange('novalet.dead', 'fanout', { durable: true }).then(
      () => true,
      () => false,
    );
  });
  await waitUntil('the word', () => /novalet\.dead exists .* other properties/.test(worker.brokerTrouble ?? ''));
  assert.equal((await client.call('instance.spawn', spawnBody())).outcome, 'done');
  assert.equal(log.lines.filter(({ phrase }) => phrase.endsWith('cannot be declared again')).length, 1);
  await client.channel.deleteExchange('novalet.dead');
  await waitUntil('the end of it', () => worker.brokerTrouble === null);
});
