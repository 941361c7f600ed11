import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { anyUnpack } from '@bufbuild/protobuf/wkt';
import { status } from '@grpc/grpc-js';
import { waitUntil } from '../../../../ops/private/wait-until.js';
import { Operations } from '../../../../services/common/proto/generated/google/longrunning/operations_pb.js';
import { InstanceService } from '../../../../services/common/proto/generated/novalet/compute/v1/instance_service_pb.js';
import { OperationMetadataSchema } from '../../../../services/common/proto/generated/novalet/compute/v1/operation_pb.js';
import type { CommandResult } from '../../../../services/common/messages/results.js';
import { SqliteOperations } from '../../../../services/compute/grpc/operations/sqlite-operations.js';
import { SqliteTombstones } from '../../../../services/compute/tombstones/sqlite-tombstones.js';
import { FakeDriver } from '../../../../services/compute/virt/fake/fake-driver.js';
import { errorIn, instanceIn, nameOf, statusIn, detailsOf } from '../../../support/api-client.js';
import { temporaryDirectory, withApi } from '../../../support/with-api.js';

const { getOperation, cancelOperation, listOperations } = Operations.method;

const newOperation = (more: object = {}) => ({
  id: randomUUID(),
  requestId: '',
  fingerprint: 'f',
  etag: '',
  type: 'instance.setAdminPassword' as const,
  queue: 'control' as const,
  target: 'projects/default/instances/x',
  body: Buffer.from('{"password":"hunter2-of-the-body"}'),
  createdAt: 1,
  deadline: 2,
  ...more,
});
const done = { command: 'instance.stop', outcome: 'done' } as unknown as CommandResult;

test('what was accepted is there in the next process, and counted when it had been begun', (t) => {
  const file = join(temporaryDirectory(t), 'worker.db');
  const first = new SqliteOperations({ file });
  const [begun, back, ended] = [newOperation(), newOperation({ requestId: 'r' }), newOperation()];
  for (const one of [begun, back, ended]) assert.equal(first.add(one).isNew, true);
  assert.equal(first.add({ ...newOperation(), requestId: 'r' }).operation.id, back.id);
  first.giveBack(back.id);
  first.end(ended.id, done);
  assert.equal(first.undone, 2);
  first.close();

  const second = new SqliteOperations({ file });
  assert.equal(second.undone, 2);
  assert.deepEqual(
    second.takeUndone().map(({ id, redeliveries }) => [id, redeliveries]),
    [
      [begun.id, 1],
      [back.id, 0],
    ],
  );
  assert.deepEqual(second.get(ended.id)?.result, done);
  second.close();
});

test('a body is its owner’s alone, and gone from the disk once its command is answered', (t) => {
  const file = join(temporaryDirectory(t), 'worker.db');
  const store = new SqliteOperations({ file });
  const operation = newOperation();
  store.add(operation);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  store.end(operation.id, done);
  store.close();
  for (const path of [file, `${file}-wal`].filter((one) => existsSync(one)))
    assert.doesNotMatch(readFileSync(path, 'latin1'), /hunter2-of-the-body/);
});

test('what was secret in a body is soon in no file of a database that stays open, by whatever connections', async (t) => {
  const directory = temporaryDirectory(t);
  const file = join(directory, 'worker.db');
  const tombstones = new SqliteTombstones({ file, retentionDays: 1 });
  t.after(() => tombstones.close());
  const store = new SqliteOperations({ file });
  t.after(() => store.close());
  const isThere = () =>
    readdirSync(directory).some((name) => readFileSync(join(directory, name), 'latin1').includes('hunter2-of-the-body'));
  const large = Buffer.from(`{"password":"${'hunter2-of-the-body'.repeat(2000)}"}`);
  const signed = Buffer.from('{"image":{"url":"https://images.example.org/a.qcow2?signature=hunter2-of-the-body"}}');
  const broken = Buffer.from('{"metadata":{"password":"hunter2-of-the-body"');
  for (const operation of [{}, { body: large }, { type: 'image.prefetch', body: signed }, { body: broken }].map(newOperation)) {
    store.add(operation);
    tombstones.bury(randomUUID(), 1);
    assert.ok(isThere());
    store.end(operation.id, done);
    await waitUntil('the log to be wiped', () => !isThere());
  }
  assert.ok(statSync(`${file}-wal`).size > 32 * 4096, 'room for the next commands, should the disk be full by then');
});

test('ends are remembered for a day, and not without bound', (t) => {
  let now = 1_000_000;
  const store = new SqliteOperations({ file: join(temporaryDirectory(t), 'worker.db'), keptMs: 10_000_000, keptCount: 2, now: () => now });
  const ids = Array.from({ length: 4 }, () => newOperation().id);
  for (const id of ids) {
    store.add(newOperation({ id }));
    store.end(id, done);
    now += 100_000;
  }
  assert.deepEqual(
    store.list(null, 10).map(({ id }) => id),
    ids.slice(2).reverse(),
  );
  now += 10_000_000;
  const last = newOperation();
  store.add(last);
  store.end(last.id, done);
  assert.deepEqual(
    store.list(null, 10).map(({ id }) => id),
    [last.id],
  );
  store.close();
});

test('an operation of a worker that is gone comes to its end in the next one', async (t) => {
  const file = join(temporaryDirectory(t), 'worker.db');
  const driver = new FakeDriver();
  const hold = driver.holdNext('start');
  const first = await withApi(t, { file, driver });
  const id = randomUUID();
  const operation = await first.client.create(id);
  await hold.reached;
  // As after a kill: the first process knows nothing of what the second one does.
  const second = await withApi(t, { file });
  const ended = await second.client.ended(operation);
  assert.equal(instanceIn(ended)?.uid, id);
  const metadata = ended.metadata && anyUnpack(ended.metadata, OperationMetadataSchema);
  assert.equal(metadata?.redeliveries, 1);
  hold.release();
});

test('while the host is cordoned a creation is refused; one that was accepted before waits, can be called off, and goes on afterwards', async (t) => {
  const driver = new FakeDriver();
  const hold = driver.holdNext('start');
  const { client, cordon, operations } = await withApi(t, { driver, concurrency: 1 });
  const first = await client.create(randomUUID());
  await hold.reached;
  const [waiting, unwanted] = [await client.create(randomUUID()), await client.create(randomUUID())];
  cordon.drain({ requestId: 'r-1' });
  const refused = statusIn(await client.create(randomUUID()).catch((thrown: unknown) => thrown));
  assert.deepEqual([refused.code, detailsOf(refused).info?.reason], [status.FAILED_PRECONDITION, 'HOST_CORDONED']);
  hold.release();
  assert.equal((await client.ended(first)).result.case, 'response');
  await client.call(cancelOperation, { name: unwanted.name });
  assert.equal((await client.call(getOperation, { name: waiting.name })).done, false);
  cordon.undrain();
  assert.equal((await client.ended(waiting)).result.case, 'response');
  assert.equal(errorIn(await client.ended(unwanted))?.code, status.CANCELLED);
  await waitUntil('all ends', () => operations.store.undone === 0);
});

test('operations are listed in pages, the newest first', async (t) => {
  const { client } = await withApi(t);
  const names: string[] = [];
  for (let count = 0; count < 5; count++) names.push((await client.create(randomUUID())).name);
  const found: string[] = [];
  for (let pageToken = ''; ;) {
    const page = await client.call(listOperations, { name: 'projects/default', pageSize: 2, pageToken });
    found.push(...page.operations.map(({ name }) => name));
    if ((pageToken = page.nextPageToken) === '') break;
  }
  assert.deepEqual(found, names.reverse());
  await assert.rejects(client.call(getOperation, { name: `projects/default/operations/${randomUUID()}` }), { code: status.NOT_FOUND });
});

test('no more is accepted than can be kept in hand', async (t) => {
  const driver = new FakeDriver();
  const hold = driver.holdNext('start');
  const { client, operations } = await withApi(t, { driver });
  const name = nameOf(randomUUID());
  await client.create(name.slice(-36));
  await hold.reached;
  Object.defineProperty(operations.store, 'undone', { get: () => 1000 });
  const refused = statusIn(await client.call(InstanceService.method.pauseInstance, { name }).catch((thrown: unknown) => thrown));
  assert.deepEqual(
    [refused.code, detailsOf(refused).info?.reason, detailsOf(refused).retry !== undefined],
    [status.RESOURCE_EXHAUSTED, 'TOO_MANY_OPERATIONS', true],
  );
  hold.release();
});
