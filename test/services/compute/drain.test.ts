import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { waitUntil } from '../../../ops/private/wait-until.js';
import { DrainedFile } from '../../../services/compute/drained-file.js';
import { FakeDriver } from '../../../services/compute/virt/fake/fake-driver.js';
import { AmqpClient } from '../../support/amqp-client.js';
import { cutWorker } from '../../support/broker-view.js';
import { spawnBody } from '../../support/commands.js';
import { Inbox } from '../../support/inbox.js';
import { fillDisk, smallDisk } from '../../support/small-disk.js';
import { takeAwayAfter } from '../../support/take-away.js';
import { withVhost } from '../../support/with-rabbitmq.js';
import { startWorker, valueOf, withWorker } from '../../support/with-worker.js';

const WORK = 'novalet.compute.host-1.work';
const control = { queue: 'control' } as const;

function stateFile(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'novalet-drained-'));
  takeAwayAfter(t, () => Promise.resolve(rmSync(directory, { recursive: true })));
  return join(directory, 'drained.json');
}

test('a drain that the disk has no room for says so, drains nothing, and leaves no unfinished file', (t) => {
  const directory = smallDisk(t);
  if (directory === null) return;
  fillDisk(directory);
  const cordon = new DrainedFile(join(directory, 'drained.json'));
  assert.throws(() => cordon.drain({ requestId: 'r', reason: 'x'.repeat(200) }), { kind: 'exhausted' });
  assert.equal(cordon.drained, null);
  assert.deepEqual(readdirSync(directory), ['ballast']);
});

test('a drained host gives back what is not begun, finishes what is, serves the control queue, and takes work again', async (t) => {
  const { url } = await withVhost(t);
  const driver = new FakeDriver();
  const hold = driver.holdNext('start');
  const { worker, metrics } = await withWorker(t, url, { driver });
  const client = await AmqpClient.connect(t, url);
  const body = spawnBody();
  await client.send('instance.spawn', body);
  await hold.reached;
  const copy = await client.send('instance.spawn', body); // waits in the lane

  const state = (await client.call('host.drain', { reason: 'new kernel', requestId: 'r-9' }, control)).drain;
  assert.deepEqual([state?.drained, state?.reason, state?.requestId], [true, 'new kernel', 'r-9']);
  assert.match(worker.commandsTrouble ?? '', /drained since .* by request r-9 \(new kernel\)/);
  assert.equal(await valueOf(metrics, 'novalet_host_drained'), 1);
  await waitUntil('the copy to be back', async () => (await client.channel.checkQueue(WORK)).messageCount === 1);

  hold.release();
  assert.equal((await client.replies.next()).result.outcome, 'done'); // what was begun
  assert.equal((await client.call('instance.get', { instance: { id: body.instance.id } }, control)).outcome, 'done');
  const refused = await client.call('instance.spawn', spawnBody(), control);
  assert.deepEqual([refused.error?.kind, driver.host.instances.size], ['precondition', 1]);
  assert.equal((await client.channel.checkQueue(WORK)).messageCount, 1);

  assert.equal((await client.call('host.undrain', {}, control)).drain?.drained, false);
  assert.equal((await client.replies.next()).result.messageId, copy);
  assert.equal(worker.commandsTrouble, null);
});

test('what a drained host gives back goes once: not before the broker has ended its consumer', async (t) => {
  const { url } = await withVhost(t);
  const driver = new FakeDriver();
  const holds = Array.from({ length: 2 }, () => driver.holdNext('start'));
  await withWorker(t, url, { driver, concurrency: 2 });
  const client = await AmqpClient.connect(t, url);
  const body = spawnBody();
  for (let copy = 0; copy < 20; copy++) await client.send('instance.spawn', copy === 0 ? spawnBody() : body);
  await Promise.all(holds.map(({ reached }) => reached));
  await client.call('host.drain', {}, control);
  for (const hold of holds) hold.release();
  await waitUntil('the copies to be back', async () => (await client.channel.checkQueue(WORK)).messageCount === 18);
  const counts = new Inbox<number>();
  await client.channel.consume(WORK, (message) => counts.push(Number(message?.properties.headers?.['x-delivery-count'] ?? 0)));
  for (let i = 0; i < 18; i++) assert.ok((await counts.next()) <= 1);
});

test('a drained host is drained after a restart, until it is told otherwise', async (t) => {
  const { url } = await withVhost(t);
  const file = stateFile(t);
  const first = await withWorker(t, url, { drainedFile: new DrainedFile(file) });
  const client = await AmqpClient.connect(t, url);
  await client.call('host.drain', {}, control);
  await first.worker.stop();

  const second = await withWorker(t, url, { drainedFile: new DrainedFile(file) });
  const spawn = await client.send('instance.spawn', spawnBody());
  assert.equal((await client.call('host.drain', {}, control)).outcome, 'done'); // again: nothing changes
  assert.deepEqual([(await client.channel.checkQueue(WORK)).messageCount, second.driver.host.instances.size], [1, 0]);
  await client.call('host.undrain', {}, control);
  assert.equal((await client.replies.next()).result.messageId, spawn);
  assert.throws(() => readFileSync(file), { code: 'ENOENT' });
});

test('a drained host that starts, or is drained while it connects, hands nothing of its work queue back and forth', async (t) => {
  const { url } = await withVhost(t);
  const client = await AmqpClient.connect(t, url);
  const file = stateFile(t);
  new DrainedFile(file).drain({ requestId: 'r' });
  const first = await withWorker(t, url, { drainedFile: new DrainedFile(file) });
  await first.worker.stop();
  for (let i = 0; i < 5; i++) await client.send('instance.spawn', spawnBody());
  const second = await withWorker(t, url, { drainedFile: new DrainedFile(file) });
  await second.worker.stop();
  const cordon = new DrainedFile(null);
  const { worker } = startWorker(t, url, { drainedFile: cordon });
  await new Promise(setImmediate);
  cordon.drain({ requestId: 'r' });
  await worker.started();
  await waitUntil('all to be back', async () => (await client.channel.checkQueue(WORK)).messageCount === 5);
  const counts = new Inbox<number>();
  await client.channel.consume(WORK, (message) => counts.push(Number(message?.properties.headers?.['x-delivery-count'] ?? 0)));
  for (let i = 0; i < 5; i++) assert.equal(await counts.next(), 0);
});

test('a broker that was away finds a drained host drained', async (t) => {
  const vhost = await withVhost(t);
  const { worker, driver, metrics } = await withWorker(t, vhost.url);
  const client = await AmqpClient.connect(t, vhost.url);
  await client.call('host.drain', {}, control);
  await cutWorker(vhost);
  await waitUntil('the loss', async () => (await valueOf(metrics, 'novalet_amqp_reconnects_total')) === 1);
  await waitUntil('the way back', () => Promise.resolve(worker.consuming || undefined));
  await client.send('instance.spawn', spawnBody());
  assert.equal((await client.call('host.drain', {}, control)).outcome, 'done');
  assert.deepEqual([(await client.channel.checkQueue(WORK)).messageCount, driver.host.instances.size], [1, 0]);
});

test('a file that cannot be read keeps the worker from starting: a drained host must not begin to work by mistake', (t) => {
  const file = stateFile(t);
  writeFileSync(file, '{"since":');
  assert.throws(() => new DrainedFile(file), {
    kind: 'precondition',
    message: /drained\.json says whether .* delete it when the host may work/,
  });
});

test('a rolling restart under load fails nobody', async (t) => {
  const { url } = await withVhost(t);
  const client = await AmqpClient.connect(t, url);
  const driver = new FakeDriver();
  let running = await withWorker(t, url, { driver });
  const bodies = Array.from({ length: 120 }, () => spawnBody());
  const sending = (async () => {
    for (const body of bodies) {
      await client.send('instance.spawn', body);
      await client.send('instance.get', { instance: { id: body.instance.id } });
    }
  })();
  const outcomes: (string | undefined)[] = [];
  for (const upTo of [40, 100, 180, 240]) {
    while (outcomes.length < upTo) outcomes.push((await client.replies.next()).result.error?.kind);
    if (upTo === 240) break;
    await running.worker.stop();
    running = await withWorker(t, url, { driver });
  }
  await sending;
  assert.deepEqual(new Set(outcomes), new Set([undefined]));
  for (const { instance } of bodies) assert.equal(driver.host.starts.get(instance.id), 1);
});
