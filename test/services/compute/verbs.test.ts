import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { waitUntil } from '../../../ops/private/wait-until.js';
import { COMMAND_BODIES } from '../../../services/common/messages/commands.js';
import { CommandResult } from '../../../services/common/messages/results.js';
import { withoutSecrets } from '../../../services/common/messages/secret.js';
import { AmqpClient } from '../../support/amqp-client.js';
import { spawnBody } from '../../support/commands.js';
import { withVhost } from '../../support/with-rabbitmq.js';
import { valueOf, withWorker } from '../../support/with-worker.js';

/** In an order in which each can be done, with the state after it. */
const LIFE = [
  ['pause', {}, 'paused'],
  ['unpause', {}, 'running'],
  ['suspend', { bypassCache: true }, 'suspended'],
  ['resume', {}, 'running'],
  ['reboot', { mode: 'hard' }, 'running'],
  ['stop', { grace: 5 }, 'shutdown'],
  ['resize', { vcpus: 2, memoryMiB: 64 }, 'shutdown'],
  ['attachDisk', { disk: { device: 'vdb', sizeMiB: 1 } }, 'shutdown'],
  ['detachDisk', { disk: { device: 'vdb' }, remove: true }, 'shutdown'],
  ['attachInterface', { interface: { kind: 'user', mac: '02:00:00:00:00:07' } }, 'shutdown'],
  ['detachInterface', { interface: { mac: '02:00:00:00:00:07' } }, 'shutdown'],
  ['rebuild', { disks: [{ device: 'vda', image: 'debian.qcow2' }] }, 'shutdown'],
  ['rescue', { image: 'rescue.qcow2' }, 'running'],
  ['unrescue', { grace: 5 }, 'shutdown'],
  ['start', { start: { paused: true } }, 'paused'],
  ['setMetadata', { metadata: { owner: 'ada' } }, 'paused'],
  ['get', {}, 'paused'],
] as const;

test('a whole life by messages: every verb is answered by its schema, told to everybody, and counted', async (t) => {
  const { url } = await withVhost(t);
  const { metrics } = await withWorker(t, url);
  const client = await AmqpClient.connect(t, url);
  await client.listen();
  const { instance } = spawnBody({ disks: [{ sizeMiB: 1 }] });
  await client.call('instance.spawn', { instance });
  for (const [verb, more, powerState] of LIFE) {
    const result = await client.call(`instance.${verb}`, { instance: { id: instance.id }, ...more }, { queue: 'control' });
    assert.deepEqual(CommandResult.parse(result), result);
    assert.equal(result.instance?.powerState, powerState, verb);
    const event = await client.events.find(({ result: { messageId } }) => messageId === result.messageId);
    assert.equal(event.message.fields.routingKey, `instance.${instance.id}.${verb}.done`);
    const labels = { command: `instance.${verb}`, outcome: 'done', le: '+Inf' };
    await waitUntil('the metric', async () => (await valueOf(metrics, 'novalet_command_duration_seconds', labels)) === 1);
  }
  const { record } = await client.call('instance.get', { instance: { id: instance.id } });
  const { committed, desiredPowerState, metadata } = record ?? {};
  assert.deepEqual([committed, desiredPowerState, metadata], [true, 'paused', { owner: 'ada' }]);
});

test('the text of a console goes to whoever asked, and to nobody else', async (t) => {
  const { url } = await withVhost(t);
  const { driver } = await withWorker(t, url);
  const client = await AmqpClient.connect(t, url);
  await client.listen('instance.*.console.done');
  const { instance } = spawnBody();
  await client.call('instance.spawn', { instance });
  driver.host.consoles.set(instance.id, 'the password is geheim');
  const { console } = await client.call('instance.console', { instance: { id: instance.id }, maxBytes: 6 });
  assert.deepEqual(console, { text: 'geheim', bytes: 6, truncated: true });
  assert.deepEqual((await client.events.next()).result.console, { bytes: 6, truncated: true });
});

test('a copy of a command does nothing once more, however much has happened since', async (t) => {
  const { url } = await withVhost(t);
  const { driver } = await withWorker(t, url);
  const client = await AmqpClient.connect(t, url);
  const { instance } = spawnBody();
  const about = { instance: { id: instance.id } };
  await client.call('instance.spawn', { instance });
  await client.call('instance.reboot', about, { messageId: 'r-1' });
  await client.call('instance.reboot', about, { messageId: 'r-1' });
  assert.equal(driver.host.starts.get(instance.id), 2);
  await client.call('instance.stop', about, { messageId: 's-1' });
  await client.call('instance.start', about);
  assert.equal((await client.call('instance.stop', about, { messageId: 's-1' })).instance?.powerState, 'running');
});

test('what cannot be done now says in which state the instance is, and what to do', async (t) => {
  const { url } = await withVhost(t);
  await withWorker(t, url);
  const client = await AmqpClient.connect(t, url);
  const { instance } = spawnBody();
  const about = { instance: { id: instance.id } };
  assert.equal((await client.call('instance.get', about)).error?.kind, 'not-found');
  await client.call('instance.spawn', { instance });
  await client.call('instance.stop', { ...about, grace: 0 });
  const { error } = await client.call('instance.pause', about);
  assert.deepEqual([error?.kind, error?.message], ['precondition', `pause ${instance.id}: the instance is shutdown; start it first`]);
  assert.equal((await client.call('instance.get', { ...about, generation: 2 })).error?.kind, 'conflict');
});

test('an instance whose domain somebody has taken away is shown as it is remembered, and what is missing', async (t) => {
  const { url } = await withVhost(t);
  const { driver } = await withWorker(t, url);
  const client = await AmqpClient.connect(t, url);
  const { instance } = spawnBody({ metadata: { a: 'b' } });
  const about = { instance: { id: instance.id } };
  await client.call('instance.spawn', { instance });
  const known = driver.host.instances.get(instance.id);
  assert.ok(known);
  known.powerState = null;
  const { instance: state, record } = await client.call('instance.get', about);
  assert.deepEqual([state?.powerState, state?.generation], ['shutdown', 1]);
  assert.deepEqual([record?.missing, record?.metadata, record?.desiredPowerState], [['domain'], { a: 'b' }, 'running']);
  assert.match((await client.call('instance.stop', about)).error?.message ?? '', /taken away outside of novalet/);
});

for (const [type, body, field] of [
  ['instance.stop', { grace: -1 }, 'grace'],
  ['instance.stop', { grace: 1201 }, 'grace'],
  ['instance.reboot', { mode: 'firm' }, 'mode'],
  ['instance.console', { maxBytes: 262_145 }, 'maxBytes'],
  ['instance.setMetadata', {}, 'metadata'],
  ['instance.setMetadata', { metadata: { k: 'a\u0000b' } }, 'metadata.k'],
  ['instance.pause', { force: true }, 'force'],
] as const) {
  test(`${type} with ${JSON.stringify(body)} is refused and names ${field}`, async (t) => {
    const { url } = await withVhost(t);
    await withWorker(t, url);
    const client = await AmqpClient.connect(t, url);
    const { error } = await client.call(type, { instance: { id: randomUUID() }, ...body });
    assert.deepEqual([error?.kind, error?.field], ['invalid', field]);
  });
}

test('a password goes to the guest, and into no log and no answer', async (t) => {
  const { url } = await withVhost(t);
  const { driver } = await withWorker(t, url);
  const client = await AmqpClient.connect(t, url);
  await client.listen('instance.*.setAdminPassword.*');
  const { instance } = spawnBody();
  await client.call('instance.spawn', { instance });
  driver.host.agents.add(instance.id);
  const body = { instance: { id: instance.id }, user: 'admin', password: 'geheim-17' };
  const result = await client.call('instance.setAdminPassword', body);
  assert.deepEqual([result.outcome, driver.host.agentCalls], ['done', ['password of admin']]);
  assert.doesNotMatch(JSON.stringify([result, (await client.events.next()).result]), /geheim/);
  assert.doesNotMatch(JSON.stringify(withoutSecrets(COMMAND_BODIES['instance.setAdminPassword'], body)), /geheim/);
  const rebuild = { instance: body.instance, disks: [{ device: 'vda', sizeMiB: 1 }], seed: { userData: 'geheim' } };
  assert.doesNotMatch(JSON.stringify(withoutSecrets(COMMAND_BODIES['instance.rebuild'], rebuild)), /geheim/);
});
