import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitUntil } from '../../../ops/private/wait-until.js';
import { AmqpClient } from '../../support/amqp-client.js';
import { spawnBody } from '../../support/commands.js';
import { withVhost } from '../../support/with-rabbitmq.js';
import { WorkerProcess } from '../../support/worker-process.js';

const WORK = 'novalet.compute.host-1.work';

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`after ${signal} what is begun is finished, what is not goes back in its order, and the worker leaves with 0`, async (t) => {
    const { url } = await withVhost(t);
    const worker = await WorkerProcess.start(t, url, { NOVALET_CONCURRENCY: '2' });
    await waitUntil('the worker', () => worker.has('worker consumes'));
    worker.hold();
    const client = await AmqpClient.connect(t, url);
    const begun = spawnBody();
    await client.send('instance.spawn', begun);
    await worker.held();
    const copy = await client.send('instance.spawn', begun); // waits in the lane behind the first
    await waitUntil('the copy in the worker’s hands', async () => (await client.channel.checkQueue(WORK)).messageCount === 0);
    worker.signal(signal);
    // The copy goes back when the first is over: should that one go back, too, it must be before it.
    await waitUntil('the signal', () => worker.has('worker stops'));
    await client.send('instance.spawn', spawnBody()); // nobody begins it any more
    worker.release();
    assert.equal(await worker.exited(), 0);
    const { result } = await client.replies.next();
    assert.deepEqual([result.instanceId, result.outcome], [begun.instance.id, 'done']);
    assert.notEqual(result.messageId, copy);
    // The broker counts what came back when it gets to it.
    await waitUntil('both messages back', async () => (await client.channel.checkQueue(WORK)).messageCount === 2);
    const front = await new Promise<unknown>((resolve) => {
      void client.channel.consume(WORK, (message) => resolve(message?.properties.messageId));
    });
    assert.equal(front, copy);
  });
}

test('a second signal ends the worker at once, and the broker has its message still', async (t) => {
  const { url } = await withVhost(t);
  const worker = await WorkerProcess.start(t, url);
  worker.hold();
  await waitUntil('the worker', () => worker.has('worker consumes'));
  const client = await AmqpClient.connect(t, url);
  await client.send('instance.spawn', spawnBody());
  await worker.held();
  worker.signal('SIGTERM');
  await waitUntil('the first signal', () => worker.has('worker stops'));
  worker.signal('SIGTERM');
  assert.equal(await worker.exited(), 143);
  await waitUntil('the message', async () => (await client.channel.checkQueue(WORK)).messageCount === 1);
});

test('a worker killed in the middle of a spawn: the next one of the host does it', async (t) => {
  const { url } = await withVhost(t);
  const first = await WorkerProcess.start(t, url);
  first.hold();
  await waitUntil('the worker', () => first.has('worker consumes'));
  const client = await AmqpClient.connect(t, url);
  await client.send('instance.spawn', spawnBody());
  await first.held();
  await first.kill();
  await WorkerProcess.start(t, url);
  assert.equal((await client.replies.next()).result.outcome, 'done');
});

test('a signal before the broker is there ends the worker, too', async (t) => {
  const worker = await WorkerProcess.start(t, 'amqp://127.0.0.1:9/');
  await waitUntil('an attempt', () => worker.has('broker not reached'));
  worker.signal('SIGTERM');
  assert.equal(await worker.exited(), 0);
});

test('a fault that waiting does not mend ends the worker with its reason', { timeout: 30_000 }, async (t) => {
  const { url } = await withVhost(t);
  const client = await AmqpClient.connect(t, url);
  await client.channel.assertQueue(WORK, { durable: true });
  const worker = await WorkerProcess.start(t, url);
  assert.equal(await worker.exited(), 1);
  assert.match(worker.stderr, /novalet\.compute\.host-1\.work exists .* other properties/);
});

test('an image directory that is not there is told, and may come later', async (t) => {
  const { url } = await withVhost(t);
  const worker = await WorkerProcess.start(t, url, { NOVALET_IMAGE_DIRS: '/nowhere/images:/usr/share' });
  await waitUntil('the worker', () => worker.has('worker consumes'));
  const told = worker.log.filter(({ msg }) => msg === 'image directory is not there').map(({ directory }) => directory);
  assert.deepEqual(told, ['/nowhere/images']);
});

test('a part that does not end keeps the worker from nothing', { timeout: 30_000 }, async (t) => {
  const { url } = await withVhost(t);
  const worker = await WorkerProcess.start(t, url, { STUCK: 'yes' });
  await waitUntil('the worker', () => worker.has('worker consumes'));
  worker.signal('SIGTERM');
  assert.equal(await worker.exited(), 0);
  assert.ok(worker.log.some(({ msg, reason }) => msg === 'part of the worker did not end' && reason === 'driver'));
});

test('a configuration that is wrong ends the worker with every problem, a line each, and no secret', async (t) => {
  const worker = await WorkerProcess.start(t, 'http://user:geheim@broker/', { NOVALET_CONCURRENCY: 'many', NOVALET_COLOUR: 'red' });
  assert.equal(await worker.exited(), 1);
  for (const name of ['NOVALET_AMQP_URL', 'NOVALET_CONCURRENCY', 'NOVALET_COLOUR'])
    assert.match(worker.stderr, new RegExp(`^  ${name}`, 'm'));
  assert.ok(!worker.stderr.includes('geheim'));
  assert.ok(!worker.stderr.includes('    at '));
});

test('a taken port ends the worker with the setting’s name', async (t) => {
  const { url } = await withVhost(t);
  const first = await WorkerProcess.start(t, url);
  const address = await waitUntil(
    'its address',
    () => first.log.find(({ msg }) => msg === 'monitoring listens')?.['address'] as string | undefined,
  );
  const second = await WorkerProcess.start(t, url, { NOVALET_LISTEN: address, NOVALET_HOST: 'host-2' });
  assert.equal(await second.exited(), 1);
  assert.match(second.stderr, /NOVALET_LISTEN: cannot listen on .*EADDRINUSE/);
});
