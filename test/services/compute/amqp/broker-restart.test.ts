import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeVhost } from '../../../../ops/private/vhost.js';
import { waitUntil } from '../../../../ops/private/wait-until.js';
import { FakeDriver } from '../../../../services/compute/virt/fake/fake-driver.js';
import { AmqpClient } from '../../../support/amqp-client.js';
import { spawnBody } from '../../../support/commands.js';
import { withRabbitmq } from '../../../support/with-rabbitmq.js';
import { valueOf, withWorker } from '../../../support/with-worker.js';

const SPAWNS = 20;
const EVENTS_KEPT = 'kept-events';

for (const how of ['restart', 'kill'] as const) {
  test(`a broker ${how} in the middle of ${SPAWNS} spawns: all of them once, and all told`, async (t) => {
    const rabbitmq = await withRabbitmq(t);
    const { url } = await makeVhost(rabbitmq.address);
    const driver = new FakeDriver();
    const holds = [1, 2, 3, 4].map(() => driver.holdNext('start'));
    const { metrics } = await withWorker(t, url, { driver });
    const before = await AmqpClient.connect(t, url);
    await before.channel.assertQueue(EVENTS_KEPT, { durable: true });
    await before.channel.bindQueue(EVENTS_KEPT, 'novalet.events', '#');
    const bodies = Array.from({ length: SPAWNS }, () => spawnBody());
    for (const body of bodies) await before.send('instance.spawn', body, { replyTo: '' });
    await Promise.all(holds.map((hold) => hold.reached));

    if (how === 'kill') await rabbitmq.kill();
    const back = how === 'kill' ? rabbitmq.start() : rabbitmq.restart();
    // Two come to their end while the broker is away: their answers wait for it.
    for (const hold of holds.slice(0, 2)) hold.release();
    await waitUntil(
      'an answer that waits',
      async () => (await valueOf(metrics, 'novalet_amqp_unconfirmed_messages')) >= 1 || driver.host.starts.size > 0,
    );
    await back;
    for (const hold of holds.slice(2)) hold.release();

    const after = await AmqpClient.connect(t, url);
    const told = new Set<string | undefined>();
    const all = new Promise<void>((resolve) => {
      const hear = (content: Buffer): void => {
        const { instanceId, outcome } = JSON.parse(content.toString()) as { instanceId: string; outcome: string };
        assert.equal(outcome, 'done');
        if (told.add(instanceId).size === SPAWNS) resolve();
      };
      void after.channel.consume(EVENTS_KEPT, (message) => message && hear(message.content), { noAck: true });
    });
    await all;
    for (const { instance } of bodies) assert.equal(driver.host.starts.get(instance.id), 1);
    assert.equal(driver.host.instances.size, SPAWNS);
  });
}
