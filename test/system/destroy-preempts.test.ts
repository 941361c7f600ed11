import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AmqpClient } from '../support/amqp-client.js';
import { spawnBody } from '../support/commands.js';
import { slowQemuImg } from '../support/slow-qemu-img.js';
import { withVhost } from '../support/with-rabbitmq.js';
import { hostUnderTest } from './host-under-test.js';

test('a destroy in the middle of a large image takes the instance away within three seconds, and the spawn says why', async (t) => {
  const { url } = await withVhost(t);
  const host = await hostUnderTest(t, url, 'qemu');
  const slow = await slowQemuImg(t);
  await host.worker.start({ PATH: slow.path });
  const client = await AmqpClient.connect(t, url, host.name);
  const body = spawnBody({ disks: [{ sizeMiB: 1 }] });
  const spawn = await client.send('instance.spawn', body);
  const pid = await slow.started();
  const from = performance.now();
  const destroy = await client.send('instance.destroy', { instance: { id: body.instance.id } }, { queue: 'control' });
  const [first, second] = (await client.replies.take(2)).map(({ result }) => result);
  const took = performance.now() - from;
  t.diagnostic(`gone after ${took.toFixed(0)} ms`);
  assert.ok(took < 3000, `${took} ms`);
  assert.deepEqual([first?.messageId, first?.error?.kind, first?.error?.cleanedUp], [spawn, 'cancelled', ['files']]);
  assert.ok(first?.error?.message.includes(destroy));
  assert.deepEqual([second?.messageId, second?.outcome], [destroy, 'done']);
  assert.deepEqual([(await host.domains()).all, await host.files()], [[], []]);
  assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
  assert.equal((await client.call('instance.spawn', body)).error?.kind, 'conflict'); // it stays down
});
