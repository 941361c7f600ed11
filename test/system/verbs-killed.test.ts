import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { AmqpClient } from '../support/amqp-client.js';
import { spawnBody } from '../support/commands.js';
import { withVhost } from '../support/with-rabbitmq.js';
import { hostUnderTest } from './host-under-test.js';
import { seededRandom, testSeed } from './seeded-random.js';

/** Verbs in an order in which each can be done, and where each leads. The guest is a firmware that hears no power button. */
const VERBS = [
  ['stop', { grace: 1 }, 'shutdown'],
  ['start', {}, 'running'],
  ['reboot', { mode: 'soft', grace: 1 }, 'running'],
  ['suspend', {}, 'suspended'],
  ['resume', {}, 'running'],
  ['reboot', { mode: 'hard' }, 'running'],
  ['pause', {}, 'paused'],
  ['unpause', {}, 'running'],
  ['setMetadata', { metadata: { a: 'b' } }, 'running'],
  ['attachDisk', { disk: { device: 'vdb', sizeMiB: 1 } }, 'running'],
  ['resize', { vcpus: 2, disks: [{ device: 'vdb', sizeMiB: 2 }], mode: 'cold', grace: 1 }, 'running'],
  ['rebuild', { disks: [{ device: 'vdb', sizeMiB: 3 }], grace: 1 }, 'running'],
  ['rescue', { image: 'rescue.img', grace: 1 }, 'running'],
  ['unrescue', { grace: 1 }, 'running'],
  ['snapshot', { disk: { device: 'vdb' }, image: { name: 'live.qcow2' } }, 'running'],
  ['stop', { grace: 0 }, 'shutdown'],
  ['detachDisk', { disk: { device: 'vdb' }, remove: true }, 'shutdown'],
] as const;
/** About as long as the longest of them. */
const LONGEST_LIFE_MS = 1500;
const KILLS = 2;

test('every verb outlives kills of the worker, and ends in the state that was asked for', async (t) => {
  const seed = testSeed();
  t.diagnostic(`NOVALET_TEST_SEED=${seed}`);
  const random = seededRandom(seed);
  const { url } = await withVhost(t);
  const host = await hostUnderTest(t, url, 'qemu');
  const { supervisor } = host.libvirtd;
  await supervisor.run('mkdir', ['-p', host.worker.imageDir]);
  await supervisor.run('truncate', ['-s', '1M', `${host.worker.imageDir}/rescue.img`]);
  host.worker.settings = { NOVALET_SNAPSHOT_DIR: host.worker.imageDir };
  await host.worker.start();
  const client = await AmqpClient.connect(t, url, host.name);
  const { instance } = spawnBody();
  const { id } = instance;
  await client.call('instance.spawn', { instance });
  for (const [verb, more, powerState] of VERBS) {
    const messageId = await client.send(`instance.${verb}`, { instance: { id }, ...more }, { queue: 'control' });
    for (let kill = 0; kill < KILLS; kill++) {
      await delay(random() * LONGEST_LIFE_MS);
      await host.worker.kill();
      await host.worker.start();
    }
    const { result } = await client.replies.find((reply) => reply.result.messageId === messageId);
    assert.deepEqual([verb, result.outcome, result.instance?.powerState], [verb, 'done', powerState]);
    assert.equal(await host.guestProcesses(), powerState === 'shutdown' || powerState === 'suspended' ? 0 : 1);
  }
  const { record } = await client.call('instance.get', { instance: { id } });
  assert.deepEqual([record?.desiredPowerState, record?.metadata], ['shutdown', { a: 'b' }]);
  assert.equal((await client.call('instance.destroy', { instance: { id } })).outcome, 'done');
  assert.deepEqual([(await host.domains()).all, await host.files()], [[], []]);
});
