import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { FakeDriver } from '../../../../services/compute/virt/fake/fake-driver.js';
import { InstanceService } from '../../../../services/common/proto/generated/novalet/compute/v1/instance_service_pb.js';
import { AmqpClient } from '../../../support/amqp-client.js';
import { spawnBody } from '../../../support/commands.js';
import { instanceIn, nameOf } from '../../../support/api-client.js';
import { withApi } from '../../../support/with-api.js';
import { withVhost } from '../../../support/with-rabbitmq.js';

test('the same wish by the queue and by gRPC at once is one guest, and each door has its answer', async (t) => {
  const { url } = await withVhost(t);
  const driver = new FakeDriver();
  const hold = driver.holdNext('start');
  const { client } = await withApi(t, { url, driver });
  const amqp = await AmqpClient.connect(t, url);
  const id = randomUUID();
  const byQueue = amqp.call('instance.spawn', spawnBody({ id, name: 'web', vcpus: 1, memoryMiB: 64 }));
  const operation = await client.create(id);
  await hold.reached;
  hold.release();
  const [result, ended] = [await byQueue, await client.ended(operation)];
  assert.equal(result.outcome, 'done');
  assert.equal(instanceIn(ended)?.status?.specHash, result.instance?.specHash);
  assert.equal(driver.host.instances.size, 1);
});

test('a deletion by gRPC calls off the spawn that the queue brought, in the same lane', async (t) => {
  const { url } = await withVhost(t);
  const driver = new FakeDriver();
  const hold = driver.holdNext('start');
  const { client } = await withApi(t, { url, driver });
  const amqp = await AmqpClient.connect(t, url);
  const body = spawnBody();
  const spawned = amqp.call('instance.spawn', body);
  await hold.reached;
  const name = nameOf(body.instance.id);
  const ended = await client.ended(await client.call(InstanceService.method.deleteInstance, { name }));
  assert.equal(ended.result.case, 'response');
  assert.equal((await spawned).error?.kind, 'cancelled');
  assert.equal(driver.host.instances.size, 0);
});

test('what comes by gRPC is told to those who listen on the broker, too', async (t) => {
  const { url } = await withVhost(t);
  const { client } = await withApi(t, { url });
  const amqp = await AmqpClient.connect(t, url);
  await amqp.listen();
  const id = randomUUID();
  await client.ended(await client.create(id));
  const { result } = await amqp.events.find(({ result: one }) => one.command === 'instance.spawn');
  assert.deepEqual([result.instanceId, result.outcome], [id, 'done']);
});
