import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AmqpClient } from '../support/amqp-client.js';
import { spawnBody } from '../support/commands.js';
import { gives, withImageServer } from '../support/image-server.js';
import { withVhost } from '../support/with-rabbitmq.js';
import { hostUnderTest } from './host-under-test.js';

const SECRET = 'geheim-4711';

test(
  'what is secret in a message is in no log, no answer, no definition and no file but the seed, which is for the guest',
  { timeout: 120_000 },
  async (t) => {
    const { url } = await withVhost(t);
    const host = await hostUnderTest(t, url, 'test');
    const server = await withImageServer(t);
    const image = `${server.on(`/a?signature=${SECRET}`, gives(Buffer.alloc(1024 * 1024, 1)))}`;
    host.worker.settings = { NOVALET_IMAGE_HOSTS: server.host, NOVALET_LOG_LEVEL: 'debug' };
    await host.worker.start();
    const client = await AmqpClient.connect(t, url, host.name);
    await client.listen();
    const seed = { userData: `#cloud-config\npassword: ${SECRET}\n`, vendorData: `#${SECRET}`, networkConfig: `# ${SECRET}\nversion: 2\n` };
    const { instance } = spawnBody({ disks: [{ image: { url: image }, sizeMiB: 4 }], seed });
    const about = { instance: { id: instance.id } };
    const dryRun = await client.call('instance.spawn', { instance, dryRun: true });
    const spawned = await client.call('instance.spawn', { instance });
    assert.deepEqual([dryRun.outcome, spawned.outcome], ['done', 'done'], JSON.stringify([dryRun.error, spawned.error]));
    const others = [
      await client.call('image.prefetch', { image: { url: image } }),
      await client.call('image.prefetch', { image: { url: server.url(`/missing?signature=${SECRET}`) } }),
      await client.call('instance.setAdminPassword', { ...about, password: SECRET }),
      await client.call('instance.spawn', { instance: { ...instance, name: 'another wish' } }),
      await client.call('instance.spawn', { instance, unknown: SECRET }),
    ];
    assert.deepEqual(
      others.map(({ error }) => error?.kind),
      [undefined, 'not-found', undefined, 'already-exists', 'invalid'],
    );

    const { supervisor, testUri } = host.libvirtd;
    const definition = await host.libvirtd.virsh(['dumpxml', '--inactive', instance.id], testUri);
    const log = await host.worker.log();
    assert.match(log, /"command taken"/);
    await host.worker.stop();
    const files = (await supervisor.run('grep', ['-rlF', SECRET, host.worker.stateDir])).split('\n').filter(Boolean);
    assert.deepEqual(
      files.filter((file) => !file.endsWith('seed.iso')),
      [],
    );
    assert.equal(files.length, 1, 'the guest has it');
    const told = await client.events.take(7);
    assert.doesNotMatch(JSON.stringify([dryRun, spawned, ...others, ...told.map(({ result }) => result)]), new RegExp(SECRET));
    assert.doesNotMatch(definition, new RegExp(SECRET));
    assert.doesNotMatch(log, new RegExp(SECRET));
  },
);
