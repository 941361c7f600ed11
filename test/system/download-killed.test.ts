import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitUntil } from '../../ops/private/wait-until.js';
import { AmqpClient } from '../support/amqp-client.js';
import { spawnBody } from '../support/commands.js';
import { digestOf, gives, stallsAfter, withImageServer } from '../support/image-server.js';
import { withVhost } from '../support/with-rabbitmq.js';
import { hostUnderTest } from './host-under-test.js';

test('a worker killed while it fetches an image: the spawn comes back, the download goes on where it was, and there is one guest', async (t) => {
  const { url: amqp } = await withVhost(t);
  const host = await hostUnderTest(t, amqp, 'qemu');
  const server = await withImageServer(t);
  const image = Buffer.alloc(2 * 1024 * 1024, '\x01\x02image');
  const some = 1024 * 1024;
  const url = server.on('/a', stallsAfter(image, some), gives(image));
  host.worker.settings = { NOVALET_IMAGE_HOSTS: server.host };
  await host.worker.start();
  const client = await AmqpClient.connect(t, amqp, host.name);
  const { instance } = spawnBody({ disks: [{ image: { url }, sizeMiB: 8 }] });
  const messageId = await client.send('instance.spawn', { instance });
  const sizes = () => host.libvirtd.supervisor.run('find', [`${host.worker.stateDir}/image-cache/partial`, '-size', `${some}c`]);
  await waitUntil('half of it', async () => (await sizes().catch(() => '')) !== '');
  await host.worker.kill();
  await host.worker.start();
  const { result } = await client.replies.find((reply) => reply.result.messageId === messageId);
  assert.deepEqual([result.outcome, result.instance?.images], ['done', [{ disk: 0, sha256: digestOf(image), format: 'raw' }]]);
  assert.deepEqual(
    server.requests.map(({ range }) => range),
    [undefined, `bytes=${some}-`],
  );
  assert.equal(await host.guestProcesses(), 1);
});
