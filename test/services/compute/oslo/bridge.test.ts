import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { waitUntil } from '../../../../ops/private/wait-until.js';
import { specHash } from '../../../../services/common/spec-hash.js';
import { SpawnBody } from '../../../../services/common/messages/commands.js';
import type { CommandResult } from '../../../../services/common/messages/results.js';
import type { OsloSettings } from '../../../../services/compute/oslo/bridge.js';
import { failureOf as asFailure } from '../../../../services/compute/oslo/failures.js';
import type { WorkerOptions } from '../../../../services/compute/worker.js';
import { DrainedFile } from '../../../../services/compute/drained-file.js';
import type { FakeDriver } from '../../../../services/compute/virt/fake/fake-driver.js';
import { AmqpClient } from '../../../support/amqp-client.js';
import { spawnBody } from '../../../support/commands.js';
import { Inbox } from '../../../support/inbox.js';
import { offWire, onWire, OSLO_SETTINGS, OsloClient, PROPERTIES, type OsloReply } from '../../../support/oslo-client.js';
import type { TakeAway } from '../../../support/take-away.js';
import { withVhost } from '../../../support/with-rabbitmq.js';
import { valueOf, withWorker } from '../../../support/with-worker.js';
import { onTheWire } from './captured.js';

const ID = '7b2f4f3e-0000-4000-8000-00000000c0de';
const SETTINGS = { ...OSLO_SETTINGS, bridges: { '*': 'br0' } } as const;

/** A worker with the door open, and somebody who knocks; both see the same virtual host. */
async function bridged(t: TakeAway, settings: Partial<OsloSettings> = {}, more: Partial<WorkerOptions> & { driver?: FakeDriver } = {}) {
  const vhost = await withVhost(t);
  const oslo = { ...SETTINGS, url: vhost.url, ...settings };
  const worker = await withWorker(t, vhost.url, { ...more, oslo });
  return { ...worker, vhost, client: await OsloClient.connect(t, vhost.url) };
}

const OWN = { version: '1.0', namespace: 'novalet' } as const;
const instance = { uuid: ID };
const failureOf = ({ failure }: OsloReply) =>
  JSON.parse(failure ?? 'null') as { class: string; module: string; kwargs: object; args: string[] };

test('a captured build and its terminate make and unmake an instance, with the hash that it has by any door', async (t) => {
  const { vhost, client, driver, metrics } = await bridged(t);
  const queue = await AmqpClient.connect(t, vhost.url);
  await queue.listen();
  const publish = (name: string): boolean => client.channel.publish('nova', 'compute.host-1', onTheWire(name), PROPERTIES);
  publish('request:build_and_run_instance');
  const { result } = await queue.events.next();
  assert.deepEqual([result.outcome, result.instanceId, result.requestId], ['done', ID, 'req-11111111-2222-3333-4444-555555555555']);
  const disks = [{ image: '11111111-1111-1111-1111-111111111111', imageFormat: 'qcow2' as const, sizeMiB: 20480 }];
  const seed = { format: 'config-2' as const, hostname: 'vm-1', sshKeys: ['ssh-ed25519 AAAA demo'] };
  const wish = {
    name: 'vm-1',
    vcpus: 1,
    memoryMiB: 2048,
    disks,
    seed,
    interfaces: [{ kind: 'bridge' as const, bridge: 'br0' }],
    metadata: { env: 'test' },
  };
  assert.equal(result.instance?.specHash, specHash(SpawnBody.parse(spawnBody({ id: ID, ...wish })).instance));
  assert.equal(
    (await queue.call('instance.spawn', spawnBody({ id: ID, ...wish }))).outcome,
    'done',
    'the same wish by the queue is a copy',
  );
  publish('request:terminate_instance');
  await queue.events.find((event) => event.result.command === 'instance.destroy');
  assert.equal(driver.host.instances.size, 0);
  assert.equal(await valueOf(metrics, 'novalet_oslo_requests_total', { method: 'build_and_run_instance', outcome: 'done' }), 1);
});

test('nothing secret is logged, not even at the level of debugging', async (t) => {
  const { vhost, client, log } = await bridged(t);
  const queue = await AmqpClient.connect(t, vhost.url);
  await queue.listen();
  client.channel.publish('nova', 'compute.host-1', onTheWire('request:build_and_run_instance'), PROPERTIES);
  await queue.events.next();
  assert.ok(log.lines.some(({ level, body }) => level === 'debug' && body !== undefined));
  for (const secret of ['TOKEN-SECRET', 's3cret']) assert.ok(!JSON.stringify(log.lines).includes(secret), secret);
});

test('own commands are called by their names, and the result is that of a reply', async (t) => {
  const { client } = await bridged(t);
  const body = spawnBody();
  const reply = await client.call('instance.spawn', body, OWN);
  assert.deepEqual([reply.failure, (reply.result as CommandResult).instance?.powerState], [null, 'running']);
  const wrong = await client.call('instance.spawn', { instance: { ...body.instance, vcpus: 0 } }, OWN);
  assert.deepEqual([failureOf(wrong).class, failureOf(wrong).module], ['Invalid', 'nova.exception']);
});

test('the same wish by the queue and by the bridge at once is one guest, and each is told so', async (t) => {
  const { vhost, client, driver } = await bridged(t);
  const queue = await AmqpClient.connect(t, vhost.url);
  const body = spawnBody();
  const [byBridge, byQueue] = await Promise.all([client.call('instance.spawn', body, OWN), queue.call('instance.spawn', body)]);
  assert.deepEqual((byBridge.result as CommandResult).instance, byQueue.instance);
  assert.deepEqual([byQueue.outcome, driver.host.instances.size], ['done', 1]);
});

test('nova’s verbs do what they say', async (t) => {
  const { client, driver } = await bridged(t);
  await client.call('instance.spawn', spawnBody({ id: ID }), OWN);
  const states: unknown[] = [];
  for (const [method, args] of [
    ['pause_instance', {}],
    ['unpause_instance', {}],
    ['suspend_instance', {}],
    ['resume_instance', {}],
    ['reboot_instance', { block_device_info: null, reboot_type: 'SOFT' }],
    ['stop_instance', { clean_shutdown: true }],
    ['start_instance', {}],
  ] as const) {
    assert.equal((await client.call(method, { instance, ...args })).failure, null, method);
    states.push(driver.host.instances.get(ID)?.powerState);
  }
  assert.deepEqual(states, ['paused', 'running', 'suspended', 'running', 'running', 'shutdown', 'running']);
  assert.equal(typeof (await client.call('get_console_output', { instance, tail_length: 5 })).result, 'string');
  assert.equal(typeof ((await client.call('get_diagnostics', { instance })).result as { memory: number }).memory, 'number');
});

test('what is no command is answered, too: the host’s uptime, and a ping', async (t) => {
  const { client } = await bridged(t);
  assert.match(String((await client.call('get_host_uptime', {})).result), / up .*load average: /);
  const ping = await client.call('ping', { arg: 'x' }, { version: '1.0', namespace: 'baseapi' });
  assert.deepEqual(ping.result, { service: 'compute', arg: 'x' });
});

test('failures have the classes that a caller of nova catches', async (t) => {
  const { client } = await bridged(t);
  const missing = failureOf(await client.call('get_diagnostics', { instance }));
  assert.deepEqual([missing.class, missing.module, missing.kwargs], ['InstanceNotFound', 'nova.exception', { instance_id: ID, code: 404 }]);
  assert.equal(failureOf(await client.call('nope', {})).class, 'NoSuchMethod');
  assert.equal(failureOf(await client.call('_log', {})).class, 'NoSuchMethod');
  assert.equal(failureOf(await client.call('get_host_uptime', {}, { version: '7.0' })).class, 'UnsupportedVersion');
  assert.deepEqual(failureOf(await client.call('start_instance', { x: 1 })).args, [
    "start_instance() got an unexpected keyword argument 'x'",
  ]);
});

test('a monitored call is told that it is worked on, and ends with one answer', async (t) => {
  const { client, driver } = await bridged(t);
  const hold = driver.holdNext('start');
  const call = client.call('instance.spawn', spawnBody(), { ...OWN, monitor: 2 });
  await hold.reached;
  const beat = await client.replies.next();
  assert.deepEqual([beat.result, beat.failure, beat.ending], [null, null, false]);
  hold.release();
  assert.equal((await call).ending, true);
});

test('a publication that comes twice is worked on once, and answered once', async (t) => {
  const { client, metrics } = await bridged(t);
  const uniqueId = 'a'.repeat(32);
  const body = spawnBody();
  await client.cast('instance.spawn', body, { ...OWN, uniqueId });
  await client.cast('instance.spawn', body, { ...OWN, uniqueId });
  await client.call('instance.get', { instance: { id: body.instance.id } }, OWN);
  assert.equal(await valueOf(metrics, 'novalet_oslo_requests_total', { outcome: 'copy' }), 1);
  assert.equal(await valueOf(metrics, 'novalet_messages_received_total', { command: 'instance.spawn' }), 1);
});

test('a request to the topic, and one to everybody, are heard as well', async (t) => {
  const { client } = await bridged(t);
  const topic = { exchange: 'nova', routingKey: 'compute' };
  assert.equal((await client.call('get_host_uptime', {}, { to: topic })).failure, null);
  const everybody = { exchange: 'compute_fanout', routingKey: '' };
  assert.equal((await client.call('get_host_uptime', {}, { to: everybody })).failure, null);
});

test('what nobody can read is kept for a person, and the next request is heard', async (t) => {
  const { vhost, client } = await bridged(t);
  const queue = await AmqpClient.connect(t, vhost.url);
  client.channel.publish('nova', 'compute.host-1', Buffer.from('{'), PROPERTIES);
  const { headers } = (await queue.deadLetter()).properties;
  assert.match(String(headers?.['x-novalet-message']), /oslo\.messaging: it is not JSON/);
  assert.equal((await client.call('get_host_uptime', {})).failure, null);
});

test('a drained host refuses builds in words and goes on with the rest', async (t) => {
  const { client } = await bridged(t, {}, { drainedFile: new DrainedFile(null) });
  await client.call('instance.spawn', spawnBody({ id: ID }), OWN);
  assert.equal((await client.call('set_host_enabled', { enabled: false })).result, 'disabled');
  const refused = failureOf(await client.call('instance.spawn', spawnBody(), OWN));
  assert.deepEqual([refused.class, /drained/.test(refused.args[0] ?? '')], ['InstanceInvalidState', true]);
  assert.equal((await client.call('pause_instance', { instance })).failure, null);
  assert.equal((await client.call('set_host_enabled', { enabled: true })).result, 'enabled');
  assert.equal((await client.call('instance.spawn', spawnBody(), OWN)).failure, null);
});

test('a call that nobody waits for any more is answered, not run', async (t) => {
  const { client, driver, metrics } = await bridged(t);
  const id = randomUUID();
  const hold = driver.holdNext('start');
  const first = client.call('instance.spawn', spawnBody({ id }), OWN);
  await hold.reached;
  const late = client.call('instance.stop', { instance: { id } }, { ...OWN, expirationMs: 400 });
  await client.call('get_host_uptime', {}); // the late one is in our hands by now
  setTimeout(() => hold.release(), 500);
  await first;
  assert.equal(failureOf(await late).class, 'TimeoutError');
  assert.equal(await valueOf(metrics, 'novalet_oslo_requests_total', { outcome: 'failed' }), 1);
});

test('a reply whose queue is gone is dropped in the end, and its request is done with', async (t) => {
  const { client, metrics } = await bridged(t);
  const more = { _msg_id: 'b'.repeat(32), _reply_q: 'reply_of_nobody' };
  await client.cast('instance.spawn', spawnBody(), { ...OWN, more });
  for (let returned = 0; returned === 0; returned = await valueOf(metrics, 'novalet_replies_returned_total'))
    await client.call('get_host_uptime', {});
});

test('listeners hear of a build by both formats, before it and after it', async (t) => {
  const { client } = await bridged(t, { notifications: 'both' });
  const heard = new Inbox<{ event_type: string; publisher_id: string; payload: Record<string, unknown> }>();
  for (const queue of ['versioned_notifications.info', 'versioned_notifications.error', 'notifications.info', 'notifications.error'])
    await client.channel.consume(queue, (message) => message && heard.push(offWire(message.content) as never), { noAck: true });
  client.channel.publish('nova', 'compute.host-1', onTheWire('request:build_and_run_instance'), PROPERTIES);
  const told = await heard.take(4);
  assert.deepEqual(told.map(({ event_type }) => event_type).sort(), [
    'compute.instance.create.end',
    'compute.instance.create.start',
    'instance.create.end',
    'instance.create.start',
  ]);
  const end = told.find(({ event_type }) => event_type === 'instance.create.end');
  assert.equal(end?.payload['nova_object.name'], 'InstanceCreatePayload');
  const data = end?.payload['nova_object.data'] as Record<string, unknown>;
  assert.deepEqual([data['uuid'], data['state'], data['power_state'], data['tenant_id']], [ID, 'active', 'running', 'p-demo']);
  assert.ok(!JSON.stringify(told).includes('TOKEN-SECRET'));
  await client.call('instance.start', { instance: { id: randomUUID() } }, OWN);
  const error = await heard.find(({ event_type }) => event_type === 'instance.power_on.error');
  const { fault } = error.payload['nova_object.data'] as { fault: { 'nova_object.data': { exception: string } } };
  assert.equal(fault['nova_object.data'].exception, 'InstanceNotFound');
});

test('listeners hear of what comes by the other door as well, and of no dry run', async (t) => {
  const { vhost, client } = await bridged(t, { notifications: 'both' });
  const queue = await AmqpClient.connect(t, vhost.url);
  const heard = new Inbox<{ event_type: string; message_id: string; payload: Record<string, unknown> }>();
  for (const name of ['versioned_notifications.info', 'versioned_notifications.error', 'notifications.info', 'notifications.error'])
    await client.channel.consume(name, (message) => message && heard.push(offWire(message.content) as never), { noAck: true });
  const body = spawnBody({ id: ID, name: 'web', vcpus: 2, memoryMiB: 128, disks: [{ sizeMiB: 2048 }] });
  await queue.call('instance.spawn', { ...body, dryRun: true });
  await queue.call('instance.spawn', body);
  await queue.call('instance.stop', { instance: { id: ID }, grace: 0 });
  await queue.call('instance.start', { instance: { id: randomUUID() } });
  await queue.call('instance.destroy', { instance: { id: ID } });
  const told = await heard.take(16);
  const verbs = ['create', 'power_off', 'delete'].flatMap((verb) => [`instance.${verb}.start`, `instance.${verb}.end`]);
  const all = [...verbs, 'instance.power_on.start', 'instance.power_on.error'].flatMap((event) => [event, `compute.${event}`]);
  assert.deepEqual(told.map(({ event_type }) => event_type).sort(), all.sort());
  assert.equal(new Set(told.map(({ message_id }) => message_id)).size, 16);
  const created = told.find(({ event_type }) => event_type === 'compute.instance.create.end')?.payload;
  const { instance_id, display_name, state, memory_mb, vcpus, root_gb } = created ?? {};
  assert.deepEqual([instance_id, display_name, state, memory_mb, vcpus, root_gb], [ID, 'web', 'active', 128, 2, 2]);
});

for (const topology of [['durable'], ['quorum'], ['quorum', 'transient-quorum'], ['quorum', 'stream-fanout']] as const)
  test(`it serves a cloud whose queues are ${topology.join(' and ')}`, async (t) => {
    const { client } = await bridged(t, { topology });
    assert.equal((await client.call('get_host_uptime', {})).failure, null);
    assert.equal((await client.call('get_host_uptime', {}, { to: { exchange: 'compute_fanout', routingKey: '' } })).failure, null);
  });

test('queues that are otherwise, or not there where they should be, keep it from starting with the way out', async (t) => {
  const vhost = await withVhost(t);
  const client = await OsloClient.connect(t, vhost.url);
  const start = (topology: OsloSettings['topology']) => withWorker(t, vhost.url, { oslo: { ...SETTINGS, url: vhost.url, topology } });
  await assert.rejects(start(['passive']), { kind: 'precondition', message: /exchange nova is not on the broker.*NOVALET_OSLO_TOPOLOGY/ });
  await client.channel.assertQueue('compute', { durable: true });
  await assert.rejects(start([]), { kind: 'precondition', message: /queue compute exists .*NOVALET_OSLO_TOPOLOGY/ });
});

test('whoever waits for the answer to a message that cannot be read is told at once, and the message is kept on the only broker that there is', async (t) => {
  const vhost = await withVhost(t);
  await withWorker(t, vhost.url, { amqp: null, oslo: { ...SETTINGS, url: vhost.url } });
  const client = await OsloClient.connect(t, vhost.url);
  const ids = ['deep', 'big', 'args', 'namespace'];
  const [deep = '', big = '', args = '', namespace = ''] = ids;
  const message = (id: string, more: object) => ({
    _msg_id: id,
    _unique_id: `${id}-1`,
    _reply_q: client.replyQueue,
    version: '1.0',
    ...more,
  });
  const nested: unknown = JSON.parse(`${'{"a":'.repeat(300)}1${'}'.repeat(300)}`);
  const sent = [
    message(deep, { method: 'stop_instance', args: nested }),
    message(big, { method: 'stop_instance', args: { text: 'x'.repeat(1_400_000) } }),
    message(args, { method: 'stop_instance', args: [] }),
    message(namespace, { method: 'stop_instance', args: {}, namespace: 5 }),
    // Two who say that they wait: nobody knows who does.
    message('forged', { method: 'stop_instance', args: { _reply_q: 'another', nested } }),
  ];
  for (const one of sent) client.channel.publish('nova', 'compute.host-1', onWire(one), PROPERTIES);
  client.channel.publish('nova', 'compute.host-1', Buffer.from('not JSON'), PROPERTIES);
  const replies = await client.replies.take(ids.length);
  assert.deepEqual(new Set(replies.map(({ _msg_id }) => _msg_id)), new Set(ids));
  assert.deepEqual(new Set(replies.map((reply) => failureOf(reply).class)), new Set(['Invalid']));
  await waitUntil('the dead letters', async () => (await client.channel.checkQueue('novalet.dead')).messageCount === sent.length + 1);
});

test('a build from an image that is not there is told so, and not that there is no instance', () => {
  const missing = { kind: 'not-found', message: 'no', field: 'instance.kernel' } as const;
  assert.equal(asFailure(missing, ID).class, 'ImageNotFound');
  assert.equal(asFailure({ ...missing, field: 'instance.disks[0].image' }, ID).class, 'ImageNotFound');
  assert.equal(asFailure({ ...missing, field: 'instance.id' }, ID).class, 'InstanceNotFound');
});
