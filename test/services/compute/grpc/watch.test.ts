import assert from 'node:assert/strict';
import { test } from 'node:test';
import { status as Code, type ClientReadableStream } from '@grpc/grpc-js';
import { Instance_State as State } from '../../../../services/common/proto/generated/novalet/compute/v1/instance_pb.js';
import {
  InstanceService,
  type WatchInstancesResponse,
} from '../../../../services/common/proto/generated/novalet/compute/v1/instance_service_pb.js';
import { FakeHost } from '../../../../services/compute/virt/fake/fake-host.js';
import type { Inbox } from '../../../support/inbox.js';
import { spawnBody } from '../../../support/commands.js';
import { stateFile } from '../revisions/workbench.js';
import { type ApiClient, WatchBench } from './watch-bench.js';

const { watchInstances, listInstanceEvents } = InstanceService.method;
const parent = 'projects/default';

const isOf =
  (id: string, state: State) =>
  ({ event }: WatchInstancesResponse) =>
    (event.case === 'upserted' || event.case === 'deleted') && event.value.uid === id && event.value.state === state;
const complete = (messages: Inbox<WatchInstancesResponse>) => messages.find(({ event }) => event.case === 'snapshotComplete');

test('a watch shows an instance from its creation to its end, with what it is made of', async (t) => {
  const bench = await new WatchBench(t).start();
  await bench.life.survey();
  const { messages } = bench.client().listen(watchInstances, { parent });
  await complete(messages);
  const body = spawnBody({ vcpus: 2, metadata: { owner: 'ada' }, seed: { hostname: 'web', userData: 'secret' } });
  const { id } = body.instance;
  const hold = bench.life.driver.holdNext('disks');
  const spawned = bench.life.run('instance.spawn', body);
  await messages.find(isOf(id, State.PROVISIONING));
  hold.release();
  await spawned;
  const { event } = await messages.find(isOf(id, State.RUNNING));
  assert.ok(event.case === 'upserted');
  const { spec, metadata, displayName, status, etag } = event.value;
  assert.deepEqual([spec?.vcpus, spec?.seed?.hostname, metadata, displayName], [2, 'web', { owner: 'ada' }, 'a guest']);
  assert.deepEqual([status?.powerState, status?.requestId, etag.length > 0], ['running', 'r-1', true]);
  await bench.life.run('instance.destroy', { instance: { id } });
  const { event: end } = await messages.find(isOf(id, State.DELETED));
  assert.equal(end.case, 'deleted');
});

test('what happens to an instance outside of any command is seen, and told as such', async (t) => {
  const bench = await new WatchBench(t).start();
  await bench.life.survey();
  const { id } = spawnBody().instance;
  await bench.life.run('instance.spawn', spawnBody({ id }));
  const { messages } = bench.client().listen(watchInstances, { parent });
  await complete(messages);
  await bench.life.survey(); // the register knows it
  bench.life.register.hear(id, 'crashed', 'crashed');
  await messages.find(isOf(id, State.FAILED));
  const { events } = await bench.client().call(listInstanceEvents, { parent: `${parent}/instances/${id}` });
  assert.deepEqual(
    events.map(({ type, reason, inBand, requestId }) => [type, reason, inBand, requestId]),
    [
      ['instance.state', 'CRASHED', false, ''],
      ['instance.spawn', '', true, 'r-1'],
    ],
  );
});

test('events of an instance come in pages, also when it is gone; of one that never was there are none', async (t) => {
  const bench = await new WatchBench(t).start();
  const [client, body] = [bench.client(), spawnBody()];
  const of = `${parent}/instances/${body.instance.id}`;
  await bench.life.run('instance.spawn', body, 'r-1');
  await bench.life.run('instance.destroy', { instance: { id: body.instance.id } }, 'r-2');
  const first = await client.call(listInstanceEvents, { parent: of, pageSize: 1 });
  const second = await client.call(listInstanceEvents, { parent: of, pageSize: 1, pageToken: first.nextPageToken });
  assert.deepEqual([first.events[0]?.requestId, second.events[0]?.requestId, second.nextPageToken], ['r-2', 'r-1', '']);
  await assert.rejects(client.call(listInstanceEvents, { parent: `${parent}/instances/${spawnBody().instance.id}` }), {
    code: Code.NOT_FOUND,
  });
  await assert.rejects(client.call(listInstanceEvents, { parent: of, pageToken: 'x' }), { code: Code.INVALID_ARGUMENT });
});

test('a filter leaves the others out, and says of one that it does not fit any more', async (t) => {
  const bench = await new WatchBench(t).start();
  await bench.life.survey();
  const { messages } = bench.client().listen(watchInstances, { parent, filter: 'mine' });
  await complete(messages);
  await bench.life.run('instance.spawn', spawnBody({ name: 'other' }));
  const mine = spawnBody({ name: 'mine' });
  await bench.life.run('instance.spawn', mine);
  const { event } = await messages.next();
  assert.equal(event.case === 'upserted' && event.value.uid, mine.instance.id);
});

test('a snapshot waits until the whole host was seen', async (t) => {
  const bench = await new WatchBench(t).start();
  const { messages } = bench.client().listen(watchInstances, { parent });
  await bench.life.run('instance.spawn', spawnBody());
  await bench.life.survey();
  const all = await messages.take(2);
  assert.deepEqual(
    all.map(({ event }) => event.case),
    ['upserted', 'snapshotComplete'],
  );
});

test('a revision that is not known ends the watch, and says why', async (t) => {
  const bench = await new WatchBench(t).start();
  await bench.life.survey();
  const { revision, compacted } = bench.life.log.revisions;
  const [old, strange] = [compacted - 1, revision + 1].map((start) =>
    bench.client().listen(watchInstances, { parent, startRevision: BigInt(start) }),
  );
  const [a, b] = [await old?.ended, await strange?.ended];
  assert.deepEqual([a?.code, b?.code], [Code.OUT_OF_RANGE, Code.OUT_OF_RANGE]);
  const { ended: negative } = bench.client().listen(watchInstances, { parent, startRevision: -1n });
  assert.equal((await negative)?.code, Code.INVALID_ARGUMENT);
  const details = a?.metadata.get('grpc-status-details-bin')[0]?.toString() ?? '';
  assert.match(details, /REVISION_COMPACTED/);
});

/** Reads one message and then nothing; a client of grpc-js that never began to read would hold everything itself. */
function stopsReading(stream: ClientReadableStream<WatchInstancesResponse>): Promise<void> {
  stream.on('error', () => {});
  return new Promise((resolve) => {
    stream.once('data', () => {
      stream.pause();
      resolve();
    });
  });
}

/** Changes of one instance, each some 20 kB. */
async function manyChanges({ life }: WatchBench, count: number, isEnough: () => boolean = () => false): Promise<void> {
  const { revisions, file } = life.log;
  const known = revisions.all()[0]?.record;
  assert.ok(known?.details);
  for (let i = 0; i < count && !isEnough(); i++) {
    revisions.put(known.id, { ...known, details: { ...known.details, metadata: { change: `${i}`.padEnd(20_000) } } });
    file.flush();
    await new Promise(setImmediate);
  }
}

test('a client that does not read is told to go, and goes on from where it was', async (t) => {
  const bench = await new WatchBench(t, { maxMissed: 50 }).start();
  await bench.life.survey();
  await bench.life.run('instance.spawn', spawnBody());
  const slow = bench.client().stream(watchInstances, { parent });
  await stopsReading(slow);
  await manyChanges(bench, 2000, () => bench.watches.slow > 0);
  assert.deepEqual([bench.watches.slow, bench.watches.count], [1, 0]);
  let last = 0n;
  slow.on('data', ({ event }: WatchInstancesResponse) => {
    if (event.case === 'upserted') last = event.value.revision;
  });
  const failed = new Promise<{ code: number }>((resolve) => slow.on('error', resolve));
  slow.resume();
  assert.equal((await failed).code, Code.ABORTED);
  const { messages } = bench.client().listen(watchInstances, { parent, startRevision: last });
  const { event } = await messages.next();
  assert.equal(event.case === 'upserted' && event.value.revision, BigInt(bench.life.log.revisions.revision));
});

test('two hundred watches, some of which never read, cost little, and the others are told everything', async (t) => {
  const bench = await new WatchBench(t).start();
  await bench.life.survey();
  const body = spawnBody();
  await bench.life.run('instance.spawn', body);
  const clients = [bench.client(), bench.client()];
  const [readers, sleepers] = [150, 50].map((count) => Array.from({ length: count }, (_, i) => clients[i % 2] as ApiClient));
  const revisions = (readers ?? []).map((client) => {
    const seen = { revision: 0n };
    client
      .stream(watchInstances, { parent })
      .on('error', () => {})
      .on('data', ({ event }: WatchInstancesResponse) => {
        if (event.case === 'upserted') seen.revision = event.value.revision;
      });
    return seen;
  });
  await Promise.all((sleepers ?? []).map((client) => stopsReading(client.stream(watchInstances, { parent }))));
  const before = process.memoryUsage().rss;
  await manyChanges(bench, 150);
  const newest = BigInt(bench.life.log.revisions.revision);
  while (revisions.some(({ revision }) => revision < newest)) await new Promise(setImmediate);
  const grownMiB = (process.memoryUsage().rss - before) / 1024 / 1024;
  // All of it, held for the sleepers, were 150 MB.
  assert.ok(grownMiB < 100, `grown by ${grownMiB} MiB`);
});

test('a watch that is resumed a hundred times across restarts of the worker misses nothing and repeats nothing', async (t) => {
  const [host, file] = [new FakeHost(), stateFile(t)];
  const seen: bigint[] = [];
  const standing = new Map<string, State>();
  let at = 0n;
  const ids = Array.from({ length: 5 }, () => spawnBody().instance.id);
  for (let life = 0; life <= 100; life++) {
    const bench = await new WatchBench(t, { host, file }).start();
    await bench.life.survey();
    const { messages, stream } = bench.client().listen(watchInstances, { parent, startRevision: at });
    const id = ids[life % ids.length] ?? '';
    const round = Math.floor(life / ids.length);
    // Some changes while nobody is there to hear of them, some while the watch listens.
    if (round % 4 === 0) await bench.life.run('instance.spawn', spawnBody({ id }, { generation: 1 + Math.floor(round / 4) }));
    else if (round % 4 === 1) await bench.life.run('instance.pause', { instance: { id } });
    else if (round % 4 === 2) await bench.life.run('instance.destroy', { instance: { id } });
    bench.life.log.file.flush();
    const { revision } = bench.life.log.revisions;
    while (at < BigInt(revision)) {
      const { event } = await messages.next();
      if (event.case === 'snapshotComplete' || event.case === 'bookmark') at = event.value;
      else if (event.case) {
        at = event.value.revision;
        seen.push(at);
        standing.set(event.value.uid, event.value.state);
      }
      if (life % 3 === 0 && life < 100) break; // cut off in the middle
    }
    stream.on('error', () => {});
    stream.cancel();
    await bench.stop();
  }
  assert.equal(new Set(seen).size, seen.length);
  assert.deepEqual(
    seen,
    [...seen].sort((a, b) => (a < b ? -1 : 1)),
  );
  const really = new Map(ids.map((id) => [id, host.instances.has(id) ? (host.instances.get(id)?.powerState ?? '') : 'gone']));
  const words = new Map([...standing].map(([id, state]) => [id, state === State.DELETED ? 'gone' : State[state].toLowerCase()]));
  assert.deepEqual(new Map([...words].sort()), new Map([...really].sort()));
});
