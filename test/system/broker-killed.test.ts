import { test } from 'node:test';
import { waitUntil } from '../../ops/private/wait-until.js';
import { makeVhost } from '../../ops/private/vhost.js';
import { AmqpClient } from '../support/amqp-client.js';
import { withRabbitmq } from '../support/with-rabbitmq.js';
import { hostUnderTest } from './host-under-test.js';
import { assertExactly, destroyAll, sendTwenty, TWENTY } from './twenty-spawns.js';

test('twenty spawns outlive a kill of the broker in their midst, each to one running guest', async (t) => {
  const broker = await withRabbitmq(t);
  const { url } = await makeVhost(broker.address);
  const host = await hostUnderTest(t, url, 'qemu');
  await host.worker.start();
  const ids = await sendTwenty(await AmqpClient.connect(t, url, host.name));
  await waitUntil('some guests to run', async () => (await host.domains()).running.length >= 5);
  await broker.kill();
  await broker.start();
  await waitUntil('all guests to run', async () => (await host.domains()).running.length === TWENTY, { timeoutMs: 120_000 });
  await destroyAll(await AmqpClient.connect(t, url, host.name), host, await settled(host, ids));
});

/** All there, and nothing more is done to them. */
async function settled(host: Awaited<ReturnType<typeof hostUnderTest>>, ids: string[]): Promise<string[]> {
  await waitUntil('twenty instances with all their files', async () => {
    await assertExactly(host, ids, 'qemu');
    return true;
  });
  return ids;
}
