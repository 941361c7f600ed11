import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitUntil } from '../../ops/private/wait-until.js';
import { AmqpClient } from '../support/amqp-client.js';
import { spawnBody } from '../support/commands.js';
import { withVhost } from '../support/with-rabbitmq.js';
import { hostUnderTest } from './host-under-test.js';

/** Each of another size, so that a process has to make every one: nobody is through with them in a moment. */
const MANY_DISKS = Array.from({ length: 24 }, (_, i) => ({ sizeMiB: i + 1 }));

test('a spawn that is cut off by a kill and delivered again past its deadline ends in a timeout, and leaves nothing', async (t) => {
  const { url } = await withVhost(t);
  const host = await hostUnderTest(t, url, 'qemu');
  await host.worker.start();
  const client = await AmqpClient.connect(t, url, host.name);
  const deadline = Date.now() + 3000;
  const body = spawnBody({ disks: MANY_DISKS }, { deadline: new Date(deadline).toISOString() });
  const messageId = await client.send('instance.spawn', body);
  await waitUntil('the first disk', async () => (await host.files()).some((file) => file.endsWith('.qcow2')), { everyMs: 1 });
  await host.worker.kill();
  assert.notDeepEqual(await host.files(), []);
  await waitUntil('the deadline', () => Date.now() > deadline);
  await host.worker.start();
  const { result } = await client.replies.find((reply) => reply.result.messageId === messageId);
  assert.deepEqual([result.error?.kind, result.error?.leftovers], ['timeout', undefined]);
  assert.ok(result.error?.cleanedUp?.includes('files'));
  assert.deepEqual([(await host.domains()).all, await host.files(), await host.guestProcesses()], [[], [], 0]);
});
