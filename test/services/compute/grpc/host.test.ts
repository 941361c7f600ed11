import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { status as Code } from '@grpc/grpc-js';
import { Host_SchedulingState as Scheduling, Host_State } from '../../../../services/common/proto/generated/novalet/compute/v1/host_pb.js';
import { HostService } from '../../../../services/common/proto/generated/novalet/compute/v1/host_service_pb.js';
import { Instance_State as State } from '../../../../services/common/proto/generated/novalet/compute/v1/instance_pb.js';
import { spawnBody } from '../../../support/commands.js';
import { WatchBench } from './watch-bench.js';

const { getHost, listHosts, cordonHost, uncordonHost, drainHost, watchHost, listForeignDomains } = HostService.method;
const name = 'hosts/-';

test('a host says what it is, what it has promised, and whether it does what it is asked', async (t) => {
  const bench = await new WatchBench(t).start();
  await bench.life.run('instance.spawn', spawnBody({ vcpus: 3 }));
  await bench.life.survey();
  const host = await bench.client().call(getHost, { name });
  assert.deepEqual(
    [host.name, host.state, host.schedulingState, host.instanceCount],
    ['hosts/host-1', Host_State.READY, Scheduling.ENABLED, 1],
  );
  assert.deepEqual([host.resources[0]?.resource, host.resources[0]?.claimed, host.resources[0]?.total], ['vcpus', 3n, undefined]);
  assert.deepEqual([host.versions?.hypervisor, host.capabilities?.architecture, host.conditions.length], ['fake 1.0.0', 'x86_64', 4]);
  const { hosts } = await bench.client().call(listHosts, {});
  assert.deepEqual([hosts.length, hosts[0]?.etag], [1, host.etag]);
  await assert.rejects(bench.client().call(getHost, { name: 'hosts/another' }), { code: Code.NOT_FOUND });
});

test('a hypervisor that hangs keeps nobody from hearing of the host', async (t) => {
  const bench = new WatchBench(t);
  bench.life.driver.facts = () => new Promise(() => {});
  bench.life.driver.rooms = () => Promise.reject(new Error('away'));
  await bench.start();
  const host = await bench.client().call(getHost, { name });
  assert.deepEqual([host.capabilities, host.resources, host.versions?.hypervisor], [undefined, [], '']);
});

test('a host is cordoned and uncordoned, by whom and why; not by one who has read it before it changed', async (t) => {
  const bench = await new WatchBench(t).start();
  const client = bench.client();
  const { etag } = await client.call(getHost, { name });
  const requestId = randomUUID();
  const checked = await client.call(cordonHost, { name, requestId, validateOnly: true });
  assert.equal(checked.schedulingState, Scheduling.ENABLED);
  const { schedulingState, cordon } = await client.call(cordonHost, { name, etag, requestId, reason: 'new disks' });
  assert.deepEqual([schedulingState, cordon?.requestId, cordon?.reason], [Scheduling.CORDONED, requestId, 'new disks']);
  await assert.rejects(client.call(uncordonHost, { name, etag }), { code: Code.ABORTED });
  const again = await client.call(uncordonHost, { name });
  assert.deepEqual([again.schedulingState, again.cordon], [Scheduling.ENABLED, undefined]);
  await assert.rejects(client.call(cordonHost, { name, reason: 'x'.repeat(201) }), { code: Code.INVALID_ARGUMENT });
});

test('a drain tells how much is still at work, and ends when nothing is', async (t) => {
  const bench = await new WatchBench(t).start();
  const hold = bench.life.driver.holdNext('disks');
  const spawned = bench.life.run('instance.spawn', spawnBody());
  await hold.reached;
  const { messages, ended } = bench.client().listen(drainHost, { name, reason: 'new disks' });
  const first = await messages.next();
  assert.deepEqual([first.commandsInFlight, first.drained, first.cordon?.reason], [1, false, 'new disks']);
  hold.release();
  const last = await messages.find(({ drained }) => drained);
  assert.deepEqual([last.commandsInFlight, await ended], [0, null]);
  await spawned;
});

test('a drain that somebody ends before the host is empty says so', async (t) => {
  const bench = await new WatchBench(t).start();
  const hold = bench.life.driver.holdNext('disks');
  const spawned = bench.life.run('instance.spawn', spawnBody());
  await hold.reached;
  const client = bench.client();
  const { messages, ended } = client.listen(drainHost, { name });
  await messages.next();
  await client.call(uncordonHost, { name });
  hold.release();
  const error = await ended;
  assert.equal(error?.code, Code.ABORTED);
  assert.match(error.details, /somebody uncordoned the host/);
  await spawned;
});

test('who watches a host hears of it now, and of whatever becomes of it', async (t) => {
  const bench = await new WatchBench(t).start();
  await bench.life.survey();
  const { messages } = bench.client().listen(watchHost, { name });
  await messages.find(({ event }) => event?.host?.schedulingState === Scheduling.ENABLED);
  await bench.life.run('instance.spawn', spawnBody());
  await bench.life.survey();
  const { event } = await messages.find(({ event }) => event?.host?.instanceCount === 1);
  assert.deepEqual(
    event?.instances.map(({ state, count }) => [state, count]),
    [[State.RUNNING, 1]],
  );
  await bench.client().call(cordonHost, { name });
  await messages.find(({ event }) => event?.host?.schedulingState === Scheduling.CORDONED);
});

test('domains of others are listed in pages', async (t) => {
  const bench = await new WatchBench(t).start();
  const ids = Array.from({ length: 3 }, () => randomUUID()).sort();
  for (const id of ids) bench.life.host.foreign.add(id);
  const client = bench.client();
  const first = await client.call(listForeignDomains, { parent: name, pageSize: 2 });
  const second = await client.call(listForeignDomains, { parent: name, pageSize: 2, pageToken: first.nextPageToken });
  assert.deepEqual(
    [...first.domains, ...second.domains].map(({ uuid }) => uuid),
    ids,
  );
  assert.equal(second.nextPageToken, '');
});
