import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test, type TestContext } from 'node:test';
import { startLibvirtd, type Libvirtd } from '../../../ops/private/libvirtd.js';
import { Supervisor } from '../../../ops/private/supervisor.js';
import { waitUntil } from '../../../ops/private/wait-until.js';
import type { InstanceStateEvent } from '../../../services/common/messages/instance-event.js';
import type { PowerPolicy } from '../../../services/compute/instances/power-policy.js';
import { BenchWorker } from '../../bench/bench-worker.js';
import { AmqpClient } from '../../support/amqp-client.js';
import { spawnBody } from '../../support/commands.js';
import { withVhost } from '../../support/with-rabbitmq.js';

/** The process `novalet compute`, real guests, their real libvirtd, a real broker; each test has a host name and state directory of its own. */
let supervisor: Supervisor;
let libvirtd: Libvirtd;
let amqpUrl: string;
const ending: (() => Promise<void>)[] = [];
before(async () => {
  ({ url: amqpUrl } = await withVhost({ after: (end) => ending.push(end) }));
  supervisor = await Supervisor.start();
  libvirtd = await startLibvirtd({ supervisor });
});
after(async () => {
  await supervisor.end();
  for (const end of ending) await end();
});

const MINUTE = 60_000;

/** A worker that is not started yet, and somebody who talks and listens to it. */
async function withHost(t: TestContext, policy: PowerPolicy, more: Readonly<Record<string, string>> = {}) {
  const host = `host-${randomUUID().slice(0, 8)}`;
  const settings = { NOVALET_POWER_POLICY: policy, ...more };
  const imageDir = supervisor.path('images');
  const worker = new BenchWorker({ supervisor, amqpUrl, libvirtUri: libvirtd.qemuUri, virtType: 'qemu', imageDir, host, settings });
  const ending: (() => Promise<void>)[] = [];
  const made: string[] = [];
  t.after(async () => {
    await worker.kill();
    for (const id of made) await takeAway(id);
    for (const end of ending) await end();
  });
  await worker.start();
  const client = await AmqpClient.connect({ after: (end) => ending.push(end) }, amqpUrl, host);
  await client.listen('instance.*.state.#');
  const event = async (fits: (event: InstanceStateEvent) => boolean): Promise<InstanceStateEvent> => {
    const { result } = await client.events.find((found) => fits(found.result as unknown as InstanceStateEvent));
    return result as unknown as InstanceStateEvent;
  };
  const spawn = async (count: number): Promise<string[]> => {
    const ids = Array.from({ length: count }, () => randomUUID());
    made.push(...ids);
    for (const id of ids) {
      const { outcome, error } = await client.call('instance.spawn', spawnBody({ id }));
      assert.equal(outcome, 'done', error?.message);
    }
    return ids;
  };
  const bootFile = `${worker.stateDir}/boot-id`;
  return { worker, client, event, spawn, bootFile };
}

const virsh = (...words: string[]): Promise<string> => libvirtd.virsh(words);
const stateOf = async (id: string): Promise<string> => (await virsh('domstate', id)).trim();

async function takeAway(id: string): Promise<void> {
  await virsh('destroy', id).catch(() => {});
  await virsh('undefine', id).catch(() => {});
}

/** Ends guests as a power cut does: libvirtd first, so that nobody hears of it. */
async function killGuests(ids: readonly string[]): Promise<void> {
  const runs = `${libvirtd.directory}/r/libvirt/qemu/run`;
  const pids = await Promise.all(ids.map((id) => supervisor.run('cat', [`${runs}/novalet-${id}.pid`])));
  await libvirtd.crash();
  await supervisor.run('kill', ['-KILL', ...pids.map((pid) => pid.trim())]);
  await libvirtd.start();
}

test('what somebody does with virsh is noticed within a second, whatever it is', async (t) => {
  const { event, spawn } = await withHost(t, 'leave');
  const [id = ''] = await spawn(1);
  const noticed = async (command: string, fits: (event: InstanceStateEvent) => boolean): Promise<InstanceStateEvent> => {
    const began = Date.now();
    await virsh(command, id);
    const ended = Date.now();
    const found = await event((heard) => heard.instanceId === id && Date.parse(heard.at) >= began && fits(heard));
    t.diagnostic(`${command}: ${found.state} noticed ${Date.parse(found.at) - ended} ms after the command had ended`);
    return found;
  };

  const off = await noticed('destroy', ({ asDesired }) => asDesired === false);
  assert.deepEqual([off.state, off.desiredPowerState, off.inBand], ['shutdown', 'running', false]);
  const on = await noticed('start', ({ asDesired }) => asDesired === true);
  assert.equal(on.state, 'running');
  await noticed('destroy', ({ state }) => state === 'shutdown');
  await noticed('undefine', ({ state }) => state === 'missing');
});

test('a guest that somebody switches off is back with the policy start, and stopped by a command it stays off', async (t) => {
  const { client, event, spawn, worker } = await withHost(t, 'start');
  const [id = ''] = await spawn(1);
  await virsh('destroy', id);
  await event(({ instanceId, state }) => instanceId === id && state === 'shutdown');
  await event(({ instanceId, state, inBand }) => instanceId === id && state === 'running' && inBand);
  const { instance } = await client.call('instance.stop', { instance: { id }, grace: 0 });
  assert.equal(instance?.powerState, 'shutdown');
  await event(({ instanceId, state }) => instanceId === id && state === 'shutdown');
  await waitUntil('where it belongs', async () => (await worker.metric('novalet_instances{state="shutdown"}')) === 1);
  assert.equal(await worker.metric('novalet_reconcile_actions_total{action="start",outcome="done"}'), 1);
});

test('after a boot of the host the guests that ran are up again, and the one that was stopped is not', async (t) => {
  const { client, spawn, worker, bootFile } = await withHost(t, 'leave');
  const [stopped = '', ...ran] = await spawn(3);
  await client.call('instance.stop', { instance: { id: stopped }, grace: 0 });
  const boot = await supervisor.run('cat', [bootFile]);
  await worker.stop();
  await killGuests(ran);
  assert.deepEqual(await Promise.all(ran.map(stateOf)), ['shut off', 'shut off']);

  await supervisor.write(bootFile, 'the boot before\n');
  await worker.start();
  await waitUntil('the boot to be made good', async () => (await supervisor.run('cat', [bootFile])) === boot, { timeoutMs: MINUTE });
  assert.deepEqual(await Promise.all([stopped, ...ran].map(stateOf)), ['shut off', 'running', 'running']);
});

test('a guest that ended while libvirtd was away is missed when it is back, and events are heard again', async (t) => {
  const { event, spawn } = await withHost(t, 'leave');
  const [died = '', lived = ''] = await spawn(2);
  await killGuests([died]);
  const { previous } = await event(({ instanceId, state }) => instanceId === died && state === 'shutdown');
  assert.equal(previous, 'running');
  await virsh('dommemstat', lived); // needs the guest's lock, which libvirtd has until it has found the guest again
  await virsh('destroy', lived);
  const { reason } = await event(({ instanceId, state }) => instanceId === lived && state === 'shutdown');
  assert.equal(reason, 'destroyed');
});

test('orphaned directories and images, and domains of others, are counted and left', async (t) => {
  const snapshots = supervisor.path(`snapshots-${randomUUID()}`);
  await supervisor.run('mkdir', [snapshots]);
  const { worker, spawn } = await withHost(t, 'start', { NOVALET_SNAPSHOT_DIR: snapshots });
  const [id = ''] = await spawn(1);
  await worker.stop();
  const [orphan, foreign] = [`${worker.stateDir}/instances/${randomUUID()}`, randomUUID()];
  const definition = `<domain type='qemu'><name>${foreign}</name><uuid>${foreign}</uuid><memory>16384</memory><os><type>hvm</type></os></domain>`;
  await supervisor.run('mkdir', [orphan]);
  await supervisor.write(`${libvirtd.directory}/foreign.xml`, definition);
  t.after(() => takeAway(foreign));
  const counted = () => worker.metric('novalet_reconcile_domains{class="foreign"}');
  await virsh('define', `${libvirtd.directory}/foreign.xml`);
  await supervisor.run('rm', [`${worker.stateDir}/instances/${id}/journal.jsonl`]);

  const files = [`${worker.stateDir}/image-cache/images/left`, `${snapshots}/a.qcow2.${randomUUID()}.part`];
  const ofUse = [`${worker.stateDir}/image-cache/images/${'0'.repeat(64)}`, `${snapshots}/b.qcow2.${id}.part`, `${snapshots}/c.qcow2`];
  await supervisor.run('mkdir', ['-p', `${worker.stateDir}/image-cache/images`]);
  await supervisor.run('touch', [...files, ...ofUse]);

  await worker.start();
  await waitUntil('a survey', async () => (await counted()) >= 1);
  assert.equal(await worker.metric('novalet_reconcile_domains{class="orphan-image"}'), files.length);
  await supervisor.run('ls', files);
  assert.equal(await worker.metric('novalet_reconcile_domains{class="orphan-directory"}'), 1);
  assert.equal(await worker.metric('novalet_reconcile_domains{class="orphan-domain"}'), 1);
  assert.deepEqual([await stateOf(id), await stateOf(foreign)], ['running', 'shut off']);
  await supervisor.run('test', ['-d', orphan]);
});

test('a state directory of another host is refused, and so is one that a worker holds', async (t) => {
  const { worker } = await withHost(t, 'leave');
  const share = { supervisor, amqpUrl, libvirtUri: libvirtd.qemuUri, virtType: 'qemu', imageDir: supervisor.path('images') } as const;
  const other = new BenchWorker({ ...share, host: 'host-other', settings: { NOVALET_STATE_DIR: worker.stateDir } });
  await assert.rejects(other.start(), /another worker runs on it/);
  await worker.stop();
  await assert.rejects(other.start(), /and NOVALET_HOST is host-other.*remove that file/s);
  await supervisor.run('rm', [`${worker.stateDir}/identity.json`]);
  await other.start();
  await other.stop();
});
