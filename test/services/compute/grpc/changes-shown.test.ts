import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { clone } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import { InstanceSchema, type Instance } from '../../../../services/common/proto/generated/novalet/compute/v1/instance_pb.js';
import { InstanceService } from '../../../../services/common/proto/generated/novalet/compute/v1/instance_service_pb.js';
import { InterfaceKind } from '../../../../services/common/proto/generated/novalet/compute/v1/instance_spec_pb.js';
import { type ApiClient, detailsOf, errorIn, instanceIn, nameOf } from '../../../support/api-client.js';
import { temporaryDirectory, withApi } from '../../../support/with-api.js';

const { getInstance, listInstances, startInstance, stopInstance, setInstanceMetadata, resizeInstance, rebuildInstance } =
  InstanceService.method;
const { attachDisk, detachDisk, attachInterface, detachInterface } = InstanceService.method;

/** What does not depend on when somebody looked. */
function lasting(instance: Instance | undefined): Instance | undefined {
  const copy = instance && clone(InstanceSchema, instance);
  delete copy?.status?.observeTime;
  delete copy?.updateTime;
  if (copy) copy.revision = 0n;
  return copy;
}

async function created(client: ApiClient): Promise<string> {
  const id = randomUUID();
  const spec = { vcpus: 1, memoryMib: 64n, disks: [{ sizeMib: 10n }], interfaces: [{ kind: InterfaceKind.BRIDGE, bridge: 'br0' }] };
  const ended = await client.ended(await client.create(id, { instance: { displayName: 'web', metadata: { a: 'b' }, spec } }));
  assert.deepEqual(lasting(instanceIn(ended)), lasting(await client.call(getInstance, { name: nameOf(id) })));
  return nameOf(id);
}

test('what a change came to is the instance as a look at it shows it, and stays so', async (t) => {
  const { client } = await withApi(t);
  const name = await created(client);
  const stopped = await client.ended(await client.call(stopInstance, { name, gracePeriod: {} }));
  const seen = lasting(await client.call(getInstance, { name }));
  assert.equal(seen?.displayName, 'web');
  assert.deepEqual(lasting(instanceIn(stopped)), seen);
  await client.ended(await client.call(startInstance, { name }));
  assert.deepEqual(lasting(instanceIn(await client.ended(stopped))), seen, 'later, too');
});

test('the spec that is shown follows sizes, disks and interfaces, after a restart as well', async (t) => {
  const file = `${temporaryDirectory(t)}/worker.db`;
  const first = await withApi(t, { file });
  const name = await created(first.client);
  const { client } = first;
  const hash = (await client.call(getInstance, { name })).status?.specHash;
  const disks = [{ device: 'vda', sizeMib: 20n }];
  await client.ended(await client.call(resizeInstance, { name, vcpus: 2, memoryMib: 128n, disks }));
  for (const device of ['vdx', 'vdy']) await client.ended(await client.call(attachDisk, { name, device, disk: { sizeMib: 5n } }));
  const [one, two] = ['52:54:00:00:00:01', '52:54:00:00:00:02'] as const;
  for (const mac of [one, two])
    await client.ended(await client.call(attachInterface, { name, interface: { kind: InterfaceKind.BRIDGE, bridge: 'br1', mac } }));
  await client.ended(await client.call(detachDisk, { name, device: 'vdx', gracePeriod: {} }));
  const ended = await client.ended(await client.call(detachInterface, { name, mac: one, gracePeriod: {} }));
  const seen = await client.call(getInstance, { name });
  assert.deepEqual([seen.spec?.vcpus, seen.spec?.memoryMib, seen.status?.specHash], [2, 128n, hash]);
  assert.deepEqual(
    seen.spec?.disks.map(({ device, sizeMib }) => [device, sizeMib]),
    [
      ['', 20n],
      ['vdy', 5n],
    ],
  );
  assert.match(
    seen.spec?.interfaces.map(({ bridge, mac }) => `${bridge} ${mac}`).join(', ') ?? '',
    /^br0 02:[0-9a-f:]{14}, br1 52:54:00:00:00:02$/,
  );
  assert.deepEqual(lasting(instanceIn(ended)), lasting(seen));
  const listed = async (api: ApiClient) => (await api.call(listInstances, { parent: 'projects/-' })).instances[0];
  assert.deepEqual([(await listed(client))?.spec, (await listed(client))?.etag], [seen.spec, seen.etag]);
  const other = await withApi(t, { driver: first.driver });
  assert.deepEqual((await listed(other.client))?.spec, seen.spec, 'without the log of the one before');
  assert.equal((await listed(other.client))?.etag, seen.etag);
});

test('a rebuilt disk is shown with its new image', async (t) => {
  const { client } = await withApi(t);
  const name = await created(client);
  const ended = await client.ended(await client.call(rebuildInstance, { name, source: { case: 'image', value: 'new.qcow2' } }));
  const [disk] = instanceIn(ended)?.spec?.disks ?? [];
  assert.deepEqual([disk?.source.value, disk?.sizeMib], ['new.qcow2', 10n]);
});

test('of two changes with the same etag that are accepted at once one is done, and the other is told the new one', async (t) => {
  const { client, driver } = await withApi(t);
  const name = await created(client);
  const { etag } = await client.call(getInstance, { name });
  const hold = driver.holdNext('record');
  const before = await client.call(startInstance, { name }); // runs already, and changes nothing
  await hold.reached;
  const operations = await Promise.all(['1', '2'].map((a) => client.call(setInstanceMetadata, { name, etag, metadata: { a } })));
  hold.release();
  await client.ended(before);
  const [first, second] = await Promise.all(operations.map((operation) => client.ended(operation)));
  assert.ok(first && second);
  const [won, lost] = instanceIn(first) ? [first, second] : [second, first];
  const now = await client.call(getInstance, { name });
  assert.deepEqual(instanceIn(won)?.metadata, now.metadata);
  const error = errorIn(lost);
  assert.ok(error);
  assert.deepEqual([error.code, detailsOf(error).info?.reason], [status.ABORTED, 'ETAG_MISMATCH']);
  assert.deepEqual(detailsOf(error).info?.metadata, { etag: now.etag });
});
