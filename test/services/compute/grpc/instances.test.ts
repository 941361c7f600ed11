import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { anyUnpack } from '@bufbuild/protobuf/wkt';
import { status } from '@grpc/grpc-js';
import { waitUntil } from '../../../../ops/private/wait-until.js';
import { OperationMetadataSchema } from '../../../../services/common/proto/generated/novalet/compute/v1/operation_pb.js';
import { Operations } from '../../../../services/common/proto/generated/google/longrunning/operations_pb.js';
import { DiskBus, Switch, InterfaceKind } from '../../../../services/common/proto/generated/novalet/compute/v1/instance_spec_pb.js';
import { Instance_State as State, InstancePlanSchema } from '../../../../services/common/proto/generated/novalet/compute/v1/instance_pb.js';
import {
  InstanceService,
  type RebootInstanceRequest_Mode as RebootMode,
} from '../../../../services/common/proto/generated/novalet/compute/v1/instance_service_pb.js';
import { specHash } from '../../../../services/common/spec-hash.js';
import { FakeDriver } from '../../../../services/compute/virt/fake/fake-driver.js';
import { detailsOf, errorIn, instanceIn, nameOf, statusIn } from '../../../support/api-client.js';
import { withApi } from '../../../support/with-api.js';

const { createInstance, getInstance, listInstances, deleteInstance, stopInstance, startInstance, setInstanceMetadata } =
  InstanceService.method;

test('an instance is created, read, listed, stopped and deleted without a broker', async (t) => {
  const { client, driver, worker } = await withApi(t);
  const id = randomUUID();
  const operation = await client.create(id);
  assert.match(operation.name, /^projects\/default\/operations\/[0-9a-f-]{36}$/);
  const created = instanceIn(await client.ended(operation));
  assert.deepEqual([created?.name, created?.state], [nameOf(id), State.RUNNING]);
  assert.equal(driver.host.instances.get(id)?.powerState, 'running');

  const instance = await client.call(getInstance, { name: nameOf(id) });
  assert.deepEqual(
    [instance.displayName, instance.spec?.vcpus, instance.spec?.memoryMib, instance.status?.committed],
    ['web', 1, 64n, true],
  );
  await waitUntil('the register', () => worker.instances.size === 1);
  const { instances } = await client.call(listInstances, { parent: 'projects/-', filter: 'state = RUNNING AND display_name = "web"' });
  assert.deepEqual(
    instances.map(({ uid }) => uid),
    [id],
  );
  assert.deepEqual((await client.call(listInstances, { parent: 'projects/default', filter: 'state != RUNNING' })).instances, []);

  await client.ended(await client.call(stopInstance, { name: nameOf(id), gracePeriod: {} }));
  assert.equal((await client.call(getInstance, { name: nameOf(id), readMask: { paths: ['state'] } })).state, State.STOPPED);
  await client.ended(await client.call(deleteInstance, { name: nameOf(id) }));
  await assert.rejects(client.call(getInstance, { name: nameOf(id) }), { code: status.NOT_FOUND });
});

test('a filter by what a field can never be is refused', async (t) => {
  const { client } = await withApi(t);
  const all = { parent: 'projects/default' };
  for (const filter of ['generation = abc', 'reconciling = 3', 'state = 3', 'state = toString']) {
    await assert.rejects(client.call(listInstances, { ...all, filter }), { code: status.INVALID_ARGUMENT }, filter);
  }
  assert.deepEqual((await client.call(listInstances, { ...all, filter: 'generation = 7 AND reconciling = false' })).instances, []);
});

test('a value that no enum has is named by its place in the request', async (t) => {
  const { client } = await withApi(t);
  const fieldOf = async (asked: Promise<unknown>) =>
    detailsOf(statusIn(await asked.catch((thrown: unknown) => thrown))).badRequest?.fieldViolations[0]?.field;
  const spec = { vcpus: 1, memoryMib: 1n, interfaces: [{ kind: 99 as InterfaceKind }] };
  const name = nameOf(randomUUID());
  const attached = client.call(InstanceService.method.attachDisk, { name, device: 'vdb', disk: { bus: 99 as DiskBus } });
  const fields = await Promise.all([
    fieldOf(client.create(randomUUID(), { instance: { displayName: 'x', spec } })),
    fieldOf(attached),
    fieldOf(client.call(InstanceService.method.rebootInstance, { name, mode: 99 as RebootMode })),
  ]);
  assert.deepEqual(fields, ['instance.spec.interfaces[0].kind', 'disk.bus', 'mode']);
});

test('the same request is the same operation; another one under its id is refused', async (t) => {
  const { client } = await withApi(t);
  const [id, requestId] = [randomUUID(), randomUUID()];
  const [first, again] = [await client.create(id, { requestId }), await client.create(id, { requestId })];
  assert.equal(again.name, first.name);
  const error = await client.create(randomUUID(), { requestId }).catch((thrown: unknown) => thrown);
  const { code, ...refusal } = statusIn(error);
  assert.deepEqual([code, detailsOf({ code, ...refusal }).info?.reason], [status.FAILED_PRECONDITION, 'REQUEST_ID_REUSED']);
  // Without an id of its own the instance has one that follows from the request.
  const request = {
    parent: 'projects/default',
    requestId: randomUUID(),
    instance: { displayName: 'x', spec: { vcpus: 1, memoryMib: 1n } },
  };
  const names = [await client.call(createInstance, request), await client.call(createInstance, request)].map(({ name }) => name);
  assert.equal(names[0], names[1]);
});

test('a wish has the hash that it has on the queue', async (t) => {
  const { client, driver } = await withApi(t);
  const id = randomUUID();
  const spec = {
    vcpus: 2,
    memoryMib: 128n,
    disks: [{ sizeMib: 10n, bus: DiskBus.SCSI, source: { case: 'remoteImage' as const, value: { url: 'http://images.example/x' } } }],
    interfaces: [{ kind: InterfaceKind.BRIDGE, bridge: 'br0', mac: '52:54:00:00:00:01' }],
    cpuTune: { pins: [{ cpus: [0, 1] }, { cpus: [2] }] },
    devices: { vnc: Switch.ON },
    pmu: Switch.OFF,
  };
  await client.ended(await client.create(id, { instance: { displayName: 'web', metadata: { a: 'b' }, spec } }));
  const onTheQueue = {
    id,
    name: 'web',
    vcpus: 2,
    memoryMiB: 128,
    disks: [{ sizeMiB: 10, bus: 'scsi', image: { url: 'http://images.example/x' } }],
    interfaces: [{ kind: 'bridge', bridge: 'br0', mac: '52:54:00:00:00:01' }],
    cpuTune: { pins: [[0, 1], [2]] },
    devices: { vnc: 'on' },
    pmu: 'off',
    metadata: { a: 'b' },
  };
  assert.deepEqual(driver.host.instances.get(id)?.request.spec, onTheQueue);
  assert.equal(typeof specHash(onTheQueue), 'string');
  const read = await client.call(getInstance, { name: nameOf(id) });
  assert.equal(read.spec?.disks[0]?.source.case, 'remoteImage');
  assert.deepEqual([read.spec?.cpuTune?.pins.map(({ cpus }) => cpus), read.spec?.disks[0]?.bus], [[[0, 1], [2]], DiskBus.SCSI]);
});

test('what is wrong is refused before anything is promised, with the field by its name', async (t) => {
  const { client, operations } = await withApi(t);
  const bad = { instance: { displayName: 'web', spec: { vcpus: 0, memoryMib: 64n, disks: [{ bus: DiskBus.SATA }] } } };
  const refused = statusIn(await client.create(randomUUID(), bad).catch((thrown: unknown) => thrown));
  assert.equal(refused.code, status.INVALID_ARGUMENT);
  assert.match(detailsOf(refused).badRequest?.fieldViolations[0]?.field ?? '', /^instance\.spec\.(vcpus|disks\[0\])$/);
  await assert.rejects(client.create('no-uuid'), { code: status.INVALID_ARGUMENT });
  await assert.rejects(client.call(stopInstance, { name: 'instances/x' }), { code: status.INVALID_ARGUMENT });
  const odd = { instance: { displayName: 'web', spec: { vcpus: 1, memoryMib: 1n, disks: [{ sizeMib: 1n, bus: 99 as DiskBus }] } } };
  await assert.rejects(client.create(randomUUID(), odd), {
    code: status.INVALID_ARGUMENT,
    details: /spec\.disks\[0\]\.bus|bus has a value/,
  });
  assert.equal(operations.store.undone, 0);
});

test('a change with the etag of what was is refused', async (t) => {
  const { client } = await withApi(t);
  const name = nameOf(randomUUID());
  await client.ended(await client.create(name.slice(-36)));
  const { etag } = await client.call(getInstance, { name });
  await client.ended(await client.call(setInstanceMetadata, { name, etag, metadata: { a: '1' } }));
  const refused = statusIn(await client.call(setInstanceMetadata, { name, etag, metadata: { a: '2' } }).catch((thrown: unknown) => thrown));
  assert.deepEqual([refused.code, detailsOf(refused).info?.reason], [status.ABORTED, 'ETAG_MISMATCH']);
  assert.deepEqual((await client.call(getInstance, { name })).metadata, { a: '1' });
});

test('a check changes nothing: a plan of a creation, and whether the instance is there for the rest', async (t) => {
  const { client, driver } = await withApi(t);
  const id = randomUUID();
  const plan = await client.create(id, { validateOnly: true });
  assert.equal(plan.done, true);
  assert.match(plan.result.case === 'response' ? (anyUnpack(plan.result.value, InstancePlanSchema)?.domainXml ?? '') : '', new RegExp(id));
  assert.equal(driver.host.instances.size, 0);
  await assert.rejects(client.call(startInstance, { name: nameOf(id), validateOnly: true }), { code: status.NOT_FOUND });
  await assert.rejects(client.call(deleteInstance, { name: nameOf(id) }), { code: status.NOT_FOUND });
  assert.equal((await client.ended(await client.call(deleteInstance, { name: nameOf(id), allowMissing: true }))).result.case, 'response');
});

test('an operation tells its phase while it runs, and is called off by its client', async (t) => {
  const driver = new FakeDriver();
  const hold = driver.holdNext('start');
  const { client } = await withApi(t, { driver });
  const operation = await client.create(randomUUID());
  await hold.reached;
  const { metadata, done } = await client.call(Operations.method.getOperation, { name: operation.name });
  assert.deepEqual([metadata && anyUnpack(metadata, OperationMetadataSchema)?.phase, done], ['start', false]);
  const waited = await client.call(Operations.method.waitOperation, { name: operation.name, timeout: { nanos: 1_000_000 } });
  assert.equal(waited.done, false);
  await client.call(Operations.method.cancelOperation, { name: operation.name });
  const ended = await client.ended(operation);
  assert.equal(errorIn(ended)?.code, status.CANCELLED);
  assert.equal(driver.host.instances.size, 0);
  const { operations } = await client.call(Operations.method.listOperations, { name: 'projects/default', filter: 'done = true' });
  assert.deepEqual(
    operations.map(({ name }) => name),
    [operation.name],
  );
});

test('a failure that an operation came to says what it was', async (t) => {
  const { client } = await withApi(t);
  const id = randomUUID();
  const failed = errorIn(await client.ended(await client.call(stopInstance, { name: nameOf(id) })));
  assert.equal(failed?.code, status.NOT_FOUND);
  assert.deepEqual(
    [failed && detailsOf(failed).info?.metadata['kind'], failed && detailsOf(failed).resource?.resourceName],
    ['not-found', nameOf(id)],
  );
});
