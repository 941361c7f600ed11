import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { status, type ServiceError } from '@grpc/grpc-js';
import type { DescMethodUnary, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import { Operations, type Operation } from '../../services/common/proto/generated/google/longrunning/operations_pb.js';
import { InstanceService } from '../../services/common/proto/generated/novalet/compute/v1/instance_service_pb.js';
import { ApiClient, nameOf } from '../support/api-client.js';
import { hostUnderTest, type HostUnderTest } from './host-under-test.js';
import { seededRandom, testSeed } from './seeded-random.js';

const COUNT = 20;
/** Below the limit of attempts.ts: a command that the worker seems to die of so often is answered as a failure. */
const KILLS = 8;
const LONGEST_LIFE_MS = { qemu: 900, test: 300 };
/** What a client sees of a worker that is not there. */
const AWAY: ReadonlySet<status> = new Set([status.UNAVAILABLE, status.DEADLINE_EXCEEDED, status.CANCELLED, status.INTERNAL]);

/** A client that asks again, by the same request id, until the worker has heard it. */
class Patient {
  constructor(private readonly host: HostUnderTest) {}

  async call<M extends DescMethodUnary>(method: M, request: MessageInitShape<M['input']>): Promise<MessageShape<M['output']>> {
    for (;;) {
      const client = new ApiClient(`unix:${this.host.worker.socket}`, undefined, {
        'grpc.initial_reconnect_backoff_ms': 50,
        'grpc.max_reconnect_backoff_ms': 200,
      });
      try {
        return await client.call(method, request, 3000);
      } catch (error) {
        if (!AWAY.has((error as ServiceError).code)) throw error;
        await delay(50);
      } finally {
        client.close();
      }
    }
  }
}

for (const virtType of ['test', 'qemu'] as const) {
  test(`without a broker: ${COUNT} operations on ${virtType} outlive ${KILLS} kills of the worker, each to one running guest`, async (t) => {
    const seed = testSeed();
    t.diagnostic(`NOVALET_TEST_SEED=${seed}`);
    const random = seededRandom(seed);
    const host = await hostUnderTest(t, null, virtType);
    await host.worker.start();
    const client = new Patient(host);
    const ids = Array.from({ length: COUNT }, () => randomUUID());
    const kills = (async () => {
      for (let kill = 0; kill < KILLS; kill++) {
        await delay(random() * LONGEST_LIFE_MS[virtType]);
        await host.worker.kill();
        await host.worker.start();
      }
    })();
    const accepted: Operation[] = [];
    for (const id of ids) {
      const instance = { displayName: `guest ${id}`, spec: { vcpus: 1, memoryMib: 16n } };
      accepted.push(
        await client.call(InstanceService.method.createInstance, {
          parent: 'projects/default',
          instanceId: id,
          requestId: randomUUID(),
          instance,
        }),
      );
    }
    await kills;
    for (const { name } of accepted) {
      const { done, result } = await ended(client, name);
      assert.deepEqual(
        [done, result.case],
        [true, 'response'],
        JSON.stringify(result.value, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
      );
    }
    assert.deepEqual((await host.domains()).running, [...ids].sort());
    if (virtType === 'qemu') assert.equal(await host.guestProcesses(), COUNT);
    const gone = await Promise.all(
      ids.map((id) => client.call(InstanceService.method.deleteInstance, { name: nameOf(id), allowMissing: true })),
    );
    for (const { name } of gone) assert.equal((await ended(client, name)).result.case, 'response');
    assert.deepEqual([(await host.domains()).all, await host.files()], [[], []]);
  });
}

async function ended(client: Patient, name: string): Promise<Operation> {
  for (;;) {
    const operation = await client.call(Operations.method.waitOperation, { name, timeout: { seconds: 2n } });
    if (operation.done) return operation;
  }
}
