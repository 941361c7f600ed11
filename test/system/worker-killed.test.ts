import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { AmqpClient } from '../support/amqp-client.js';
import { withVhost } from '../support/with-rabbitmq.js';
import { hostUnderTest } from './host-under-test.js';
import { seededRandom, testSeed } from './seeded-random.js';
import { answersOf, assertExactly, destroyAll, sendTwenty, TWENTY } from './twenty-spawns.js';

/** Longest time from consuming to the next kill: about one spawn under load. */
const LONGEST_LIFE_MS = { qemu: 600, test: 150 };

for (const virtType of ['test', 'qemu'] as const) {
  test(`twenty spawns on ${virtType} outlive twenty kills of the worker, each to one running guest`, async (t) => {
    const seed = testSeed();
    t.diagnostic(`NOVALET_TEST_SEED=${seed}`);
    const random = seededRandom(seed);
    const { url } = await withVhost(t);
    const host = await hostUnderTest(t, url, virtType);
    await host.worker.start();
    const client = await AmqpClient.connect(t, url, host.name);
    const ids = await sendTwenty(client);
    for (let kill = 0; kill < TWENTY; kill++) {
      await delay(random() * LONGEST_LIFE_MS[virtType]);
      await host.worker.kill();
      await host.worker.start();
    }
    const answers = await answersOf(client, ids);
    assert.deepEqual(
      [...answers.values()].filter(({ outcome }) => outcome !== 'done'),
      [],
    );
    await assertExactly(host, ids, virtType);
    await destroyAll(client, host, ids);
  });
}
