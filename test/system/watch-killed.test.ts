import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { create } from '@bufbuild/protobuf';
import type { ClientReadableStream } from '@grpc/grpc-js';
import { Operations, type Operation } from '../../services/common/proto/generated/google/longrunning/operations_pb.js';
import { Instance_State as State } from '../../services/common/proto/generated/novalet/compute/v1/instance_pb.js';
import {
  InstanceService,
  WatchInstancesRequestSchema,
  type WatchInstancesResponse,
} from '../../services/common/proto/generated/novalet/compute/v1/instance_service_pb.js';
import { ApiClient, nameOf } from '../support/api-client.js';
import { hostUnderTest } from './host-under-test.js';
import { seededRandom, testSeed } from './seeded-random.js';

const KILLS = 12;
const LONGEST_LIFE_MS = { qemu: 1500, test: 600 };

/** Watches whatever becomes of the worker, and goes on from where it was. */
class Watcher {
  readonly revisions: bigint[] = [];
  readonly standing = new Map<string, State>();
  #at = 0n;
  #over = false;
  #listener = (): void => {};

  constructor(private readonly socket: string) {
    void this.#watch();
  }

  end(): void {
    this.#over = true;
  }

  /** Resolves when what it was told says so. */
  until(says: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#listener = () => says() && resolve();
      this.#listener();
    });
  }

  async #watch(): Promise<void> {
    while (!this.#over) {
      const client = new ApiClient(`unix:${this.socket}`);
      const service = client.of(InstanceService) as unknown as {
        watchInstances(request: object): ClientReadableStream<WatchInstancesResponse>;
      };
      const request = create(WatchInstancesRequestSchema, { parent: 'projects/default', startRevision: this.#at });
      await new Promise<void>((resolve) => {
        const stream = service.watchInstances(request);
        stream.on('data', (message: WatchInstancesResponse) => this.#told(message));
        stream.on('error', () => resolve());
        stream.on('end', () => resolve());
      });
      client.close();
      await delay(20);
    }
  }

  #told({ event }: WatchInstancesResponse): void {
    if (event.case === 'upserted' || event.case === 'deleted') {
      this.#at = event.value.revision;
      this.revisions.push(this.#at);
      this.standing.set(event.value.uid, event.value.state);
    } else if (event.case) this.#at = event.value;
    this.#listener();
  }
}

for (const virtType of ['test', 'qemu'] as const) {
  test(`a watch on ${virtType} that goes on over ${KILLS} kills of the worker is told everything once`, async (t) => {
    const seed = testSeed();
    t.diagnostic(`NOVALET_TEST_SEED=${seed}`);
    const random = seededRandom(seed);
    const host = await hostUnderTest(t, null, virtType);
    await host.worker.start();
    const { socket } = host.worker;
    const watcher = new Watcher(socket);
    const ids = Array.from({ length: 8 }, () => randomUUID());
    for (let kill = 0; kill < KILLS; kill++) {
      const client = new ApiClient(`unix:${socket}`);
      const id = ids[kill % ids.length] ?? '';
      const asked =
        kill < ids.length
          ? client.create(id, { instance: { displayName: 'guest', spec: { vcpus: 1, memoryMib: 16n } } })
          : deleted(client, id);
      await asked.catch(() => {}); // a worker that dies over it has it, or has it not
      await delay(random() * LONGEST_LIFE_MS[virtType]);
      client.close();
      await host.worker.kill();
      await host.worker.start();
    }
    const client = ApiClient.of(t, `unix:${socket}`);
    for (const { name, done } of (await client.call(Operations.method.listOperations, { name: 'projects/default' })).operations)
      if (!done) await client.ended({ name } as Operation);
    const running = async () => (await host.domains()).running.join();
    const said = () =>
      [...watcher.standing]
        .flatMap(([id, state]) => (state === State.RUNNING ? [id] : []))
        .sort()
        .join();
    const really = await running();
    await watcher.until(
      () => said() === really && ![...watcher.standing.values()].some((state) => ![State.RUNNING, State.DELETED].includes(state)),
    );
    watcher.end();
    const { revisions } = watcher;
    assert.deepEqual(
      revisions,
      [...new Set(revisions)].sort((a, b) => (a < b ? -1 : 1)),
    );
    for (const id of ids) {
      const operation = await deleted(client, id);
      await client.ended(operation);
    }
  });
}

function deleted(client: ApiClient, id: string): Promise<Operation> {
  return client.call(InstanceService.method.deleteInstance, { name: nameOf(id), allowMissing: true, requestId: randomUUID() });
}
