import { setTimeout as delay } from 'node:timers/promises';
import { create } from '@bufbuild/protobuf';
import { status, type ClientReadableStream, type ServiceError } from '@grpc/grpc-js';
import { Instance_State, type Instance } from '../../services/common/proto/generated/novalet/compute/v1/instance_pb.js';
import {
  InstanceService,
  WatchInstancesRequestSchema,
  type WatchInstancesResponse,
} from '../../services/common/proto/generated/novalet/compute/v1/instance_service_pb.js';
import type { HostApi } from './host-api.js';

interface Watching {
  watchInstances(request: object): ClientReadableStream<WatchInstancesResponse>;
}

const CATCH_UP_MS = 30_000;
const LOOK_AGAIN_MS = 100;
const AGAIN_MS = 50;

/** One watch over all lives of the worker, which goes on from what it was told last; it must miss nothing and be told nothing twice. */
export class Watcher {
  /** In words. */
  readonly wrongs: string[] = [];
  /** By id. */
  readonly #standing = new Map<string, Instance>();
  #at = 0n;
  #begun = false;
  #over = false;
  #stream: ClientReadableStream<WatchInstancesResponse> | undefined;
  readonly #running: Promise<void>;

  constructor(private readonly api: HostApi) {
    this.#running = this.#run();
  }

  /** How often it was taken up again. */
  resumed = 0;

  /** Compares what it was told with how the host says that it stands, as soon as nothing changes any more. Gives what is wrong, in words. */
  async missed(): Promise<string[]> {
    const until = performance.now() + CATCH_UP_MS;
    for (;;) {
      const { instances } = await this.api.list();
      const wrongs = this.#differences(instances);
      if (wrongs.length === 0 || performance.now() > until) return [...wrongs, ...this.wrongs];
      await delay(LOOK_AGAIN_MS);
    }
  }

  async end(): Promise<void> {
    this.#over = true;
    this.#stream?.cancel();
    await this.#running;
  }

  #differences(instances: readonly Instance[]): string[] {
    const listed = new Map(instances.map((instance) => [instance.uid, instance]));
    const ids = new Set([...listed.keys(), ...this.#standing.keys()]);
    return [...ids].flatMap((id) => {
      const [there, told] = [inWords(listed.get(id)), inWords(this.#standing.get(id))];
      return there === told ? [] : [`the watch was told last that ${id} is ${told}; the host says ${there}`];
    });
  }

  async #run(): Promise<void> {
    while (!this.#over) {
      const error = await this.#watch();
      if (this.#begun && !/No connection/.test(error?.details ?? '')) this.resumed += 1;
      this.#begun = true;
      if (error?.code === status.OUT_OF_RANGE || error?.code === status.ABORTED) this.wrongs.push(`the watch ended: ${error.message}`);
      if (!this.#over) await delay(AGAIN_MS);
    }
  }

  #watch(): Promise<ServiceError | null> {
    const service = this.api.client.of(InstanceService) as unknown as Watching;
    const request = create(WatchInstancesRequestSchema, { parent: 'projects/default', startRevision: this.#at });
    return new Promise((resolve) => {
      const stream = service.watchInstances(request);
      this.#stream = stream;
      stream.on('data', (message: WatchInstancesResponse) => this.#told(message));
      stream.on('error', (error: ServiceError) => resolve(error));
      stream.on('end', () => resolve(null));
    });
  }

  #told({ event }: WatchInstancesResponse): void {
    if (event.case === 'upserted' || event.case === 'deleted') {
      const { revision, uid } = event.value;
      if (revision <= this.#at) this.wrongs.push(`the watch was told the revision ${revision} of ${uid} after ${this.#at}`);
      this.#at = revision;
      this.#standing.set(uid, event.value);
    } else if (event.case !== undefined) {
      if (event.value < this.#at) this.wrongs.push(`the watch was told that all is told up to ${event.value}, after ${this.#at}`);
      this.#at = event.value;
    }
  }
}

function inWords(instance: Instance | undefined): string {
  if (!instance || instance.state === Instance_State.DELETED) return 'not there';
  return `${Instance_State[instance.state]} as of revision ${instance.revision}`;
}
