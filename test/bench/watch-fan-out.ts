import { create } from '@bufbuild/protobuf';
import { credentials, makeClientConstructor, type ClientReadableStream } from '@grpc/grpc-js';
import {
  InstanceService,
  WatchInstancesRequestSchema,
  type WatchInstancesResponse,
} from '../../services/common/proto/generated/novalet/compute/v1/instance_service_pb.js';
import { serviceDefinition } from '../../services/compute/grpc/method-definitions.js';
import type { Ground } from './ground.js';
import { monotonicMs } from './observer.js';
import { sampleOf, type Sample } from './statistics.js';

export interface FanOut {
  /** From publishing a command to the moment when the last of the watches has heard of what it did, in milliseconds. */
  readonly toTheLast: Sample;
  /** The worker's processor time for one change that all of them are told, in milliseconds. */
  readonly cpu: Sample;
}

type Stream = ClientReadableStream<WatchInstancesResponse>;

/** Streams on one connection: more than that is a setting of the server's. */
const STREAMS_A_CONNECTION = 100;

/** Many watches of one host, and one instance that changes: each change goes to all of them. */
export async function watchFanOut(ground: Ground, { watches, changes }: { watches: number; changes: number }): Promise<FanOut> {
  const { sender, worker } = ground;
  const wish = ground.wish(false);
  await sender.spawn(wish).done;
  const { id } = wish.instance;
  const crowd = new Crowd(`unix:${worker.stateDir}/grpc.sock`, watches);
  try {
    await crowd.heard(({ event }) => event.case === 'snapshotComplete');
    const times: number[] = [];
    const before = await worker.cpuMs();
    for (let change = 0; change < changes; change++) {
      const told = crowd.heard(({ event }) => event.case === 'upserted' && event.value.metadata['change'] === String(change));
      const { sentAtMs } = sender.command('instance.setMetadata', { instance: { id }, metadata: { change: String(change) } });
      await told;
      times.push(monotonicMs() - sentAtMs);
    }
    const cpu = ((await worker.cpuMs()) - before) / changes;
    return { toTheLast: sampleOf(times), cpu: sampleOf([cpu]) };
  } finally {
    crowd.close();
    await sender.destroy([id]);
  }
}

/** Everybody who watches. */
class Crowd {
  readonly #clients: { close(): void }[] = [];
  readonly #streams: Stream[] = [];

  constructor(address: string, count: number) {
    const Client = makeClientConstructor(serviceDefinition(InstanceService), 'InstanceService');
    for (let left = count; left > 0; left -= STREAMS_A_CONNECTION) {
      const client = new Client(address, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
      this.#clients.push(client);
      for (let i = 0; i < Math.min(left, STREAMS_A_CONNECTION); i++) this.#streams.push(watch(client as unknown as Watcher));
    }
  }

  /** Resolves when each of them has heard what fits. */
  async heard(fits: (message: WatchInstancesResponse) => boolean): Promise<void> {
    await Promise.all(
      this.#streams.map(
        (stream) =>
          new Promise<void>((resolve, reject) => {
            stream.once('error', reject);
            stream.on('data', function listen(message: WatchInstancesResponse) {
              if (!fits(message)) return;
              stream.off('data', listen);
              stream.off('error', reject);
              resolve();
            });
          }),
      ),
    );
  }

  close(): void {
    for (const stream of this.#streams) stream.on('error', () => {}).cancel();
    for (const client of this.#clients) client.close();
  }
}

interface Watcher {
  watchInstances(request: object): Stream;
}

function watch(client: Watcher): Stream {
  return client.watchInstances(create(WatchInstancesRequestSchema, { parent: 'projects/default' }));
}
