import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { AmqpClient } from '../support/amqp-client.js';
import { withVhost } from '../support/with-rabbitmq.js';
import { hostUnderTest } from './host-under-test.js';
import { seededRandom, testSeed } from './seeded-random.js';
import { answersOf, assertExactly, destroyAll, sendTwenty } from './twenty-spawns.js';

const LONGEST_LIFE_MS = 1000;

for (const how of ['crash', 'restart'] as const) {
  test(`every one of twenty spawns ends while libvirtd goes through a ${how} again and again`, async (t) => {
    const seed = testSeed();
    t.diagnostic(`NOVALET_TEST_SEED=${seed}`);
    const random = seededRandom(seed);
    const { url } = await withVhost(t);
    const host = await hostUnderTest(t, url, 'qemu');
    await host.worker.start();
    const client = await AmqpClient.connect(t, url, host.name);
    const ids = await sendTwenty(client);
    for (let times = 0; times < 5; times++) {
      await delay(random() * LONGEST_LIFE_MS);
      await host.libvirtd[how]();
      if (how === 'crash') await host.libvirtd.start();
    }
    const answers = await answersOf(client, ids);
    const running = ids.filter((id) => answers.get(id)?.outcome === 'done');
    for (const { outcome, error } of answers.values()) assert.ok(outcome === 'done' || error?.message, 'a failure without a reason');
    t.diagnostic(`${running.length} run, ${ids.length - running.length} failed with a reason`);
    await assertExactly(host, running, 'qemu');
    await destroyAll(client, host, ids);
  });
}
