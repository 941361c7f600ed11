import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { DELIVERY_LIMIT } from '../../../services/compute/attempts.js';
import { BegunFile } from '../../../services/compute/begun-log.js';
import { spawnBody } from '../../support/commands.js';
import { AmqpClient } from '../../support/amqp-client.js';
import { withVhost } from '../../support/with-rabbitmq.js';
import { valueOf, withWorker } from '../../support/with-worker.js';
import { fakeDelivery } from '../../support/fake-delivery.js';
import { workbench } from '../../support/workbench.js';
import { FakeDriver } from '../../../services/compute/virt/fake/fake-driver.js';
import { waitUntil } from '../../../ops/private/wait-until.js';
import { temporaryDirectory } from './virt/libvirt/temporary-directory.js';

test('a command is known to have been begun for as long as it has not come to its end, also by the next process', (t) => {
  const path = join(temporaryDirectory(t), 'begun');
  const first = new BegunFile(path);
  assert.deepEqual([first.begin('a'), first.begin('b'), first.begin('c')], [0, 0, 0]);
  first.end('b'); // no close: it was killed
  const second = new BegunFile(path);
  assert.deepEqual([second.begin('a'), second.begin('b')], [1, 0]);
  second.end('a');
  const third = new BegunFile(path);
  assert.deepEqual([third.begin('a'), third.begin('b'), third.begin('c')], [0, 1, 1]);
});

test('commands that never come again give way, the oldest first', (t) => {
  const path = join(temporaryDirectory(t), 'begun');
  const first = new BegunFile(path);
  for (let i = 0; i < 1024 + 10; i++) first.begin(`command ${i}`);
  const second = new BegunFile(path);
  assert.deepEqual([second.begin('command 1033'), second.begin('command 10'), second.begin('command 0')], [1, 1, 0]);
});

test('a message that was given back untouched, however often, is done', async (t) => {
  const begunLog = new BegunFile(join(temporaryDirectory(t), 'begun'));
  const { tasks, results, driver } = workbench({ begunLog });
  tasks.take(fakeDelivery('instance.spawn', spawnBody(), { redelivered: true, deliveryCount: 500 }));
  assert.equal((await results(1))[0]?.outcome, 'done');
  assert.equal(driver.host.instances.size, 1);
});

test('a command that the worker died over too often is answered, whatever the broker counted', async (t) => {
  const path = join(temporaryDirectory(t), 'begun');
  const body = spawnBody();
  for (let death = 0; death < DELIVERY_LIMIT; death++) {
    const driver = new FakeDriver();
    const hold = driver.holdNext('start');
    const dying = workbench({ begunLog: new BegunFile(path), driver });
    dying.tasks.take(fakeDelivery('instance.spawn', body, { properties: { messageId: 'm-1' } }));
    await hold.reached; // and here it dies
  }
  const { tasks, published } = workbench({ begunLog: new BegunFile(path) });
  tasks.take(fakeDelivery('instance.spawn', body, { redelivered: true, properties: { messageId: 'm-1' } }));
  const [event, letter] = await published.take(2);
  assert.match(event?.message.content.toString() ?? '', /"kind":"internal".*came back undone 10 times/);
  assert.equal(letter?.message.headers?.['x-novalet-reason'], 'delivery-limit');
});

test('a command that goes back untouched with each of ten drains is done in the end', async (t) => {
  const { url } = await withVhost(t);
  const begunLog = new BegunFile(join(temporaryDirectory(t), 'begun'));
  const driver = new FakeDriver();
  const hold = driver.holdNext('start');
  const { metrics, log } = await withWorker(t, url, { driver, begunLog });
  const client = await AmqpClient.connect(t, url);
  const body = spawnBody();
  await client.send('instance.spawn', body);
  await hold.reached;
  const waits = await client.send('instance.stop', { instance: { id: body.instance.id } }); // in the lane, behind it
  const received = () => valueOf(metrics, 'novalet_messages_received_total', { command: 'instance.stop' });
  for (let drains = 0; drains < DELIVERY_LIMIT; drains++) {
    await waitUntil('it in hand', async () => (await received()) === 1 + drains);
    await client.call('host.drain', {}, { queue: 'control' });
    await client.call('host.undrain', {}, { queue: 'control' });
  }
  await waitUntil('it in hand', async () => (await received()) === 1 + DELIVERY_LIMIT);
  hold.release();
  const { result } = await client.replies.find((reply) => reply.result.messageId === waits);
  assert.equal(result.outcome, 'done');
  assert.equal(log.lines.filter(({ phrase }) => phrase === 'broker connected').length, 1); // on the same session, all of it
});
