import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, type DescMethod, type MessageInitShape, type MessageShape } from '@bufbuild/protobuf';
import { Client, credentials, type ClientReadableStream, type ServiceError } from '@grpc/grpc-js';
import { HostService } from '../../../../services/common/proto/generated/novalet/compute/v1/host_service_pb.js';
import { InstanceService } from '../../../../services/common/proto/generated/novalet/compute/v1/instance_service_pb.js';
import { createGrpcMetrics } from '../../../../services/compute/grpc/grpc-metrics.js';
import { hostHandlers } from '../../../../services/compute/grpc/host-handlers.js';
import { HostReport } from '../../../../services/compute/grpc/host-report.js';
import { HostWatches } from '../../../../services/compute/grpc/host-watches.js';
import { serviceDefinition } from '../../../../services/compute/grpc/method-definitions.js';
import { GrpcServer, served } from '../../../../services/compute/grpc/server.js';
import { watchHandlers } from '../../../../services/compute/grpc/watch-handlers.js';
import { createMetrics } from '../../../../services/compute/metrics.js';
import type { RecordedInstance } from '../../../../services/compute/revisions/recorded-instance.js';
import { type WatchesOptions, Watches } from '../../../../services/compute/revisions/watch.js';
import { FakeHost } from '../../../../services/compute/virt/fake/fake-host.js';
import { Inbox } from '../../../support/inbox.js';
import { takeAwayAfter, type TakeAway } from '../../../support/take-away.js';
import { KeptLog } from '../../../support/with-worker.js';
import { Life } from '../revisions/life.js';

/** A worker's watches behind a real server on a socket, over a pretended host. */
export class WatchBench {
  readonly life: Life;
  readonly watches: Watches<RecordedInstance>;
  readonly #socket: string;
  #server: GrpcServer | undefined;

  constructor(
    readonly t: TakeAway,
    { host = new FakeHost(), file, ...options }: WatchesOptions & { host?: FakeHost; file?: string } = {},
  ) {
    const directory = mkdtempSync(join(tmpdir(), 'novalet-grpc-'));
    takeAwayAfter(t, () => Promise.resolve(rmSync(directory, { recursive: true })));
    this.#socket = join(directory, 'grpc.sock');
    this.life = new Life(host, file);
    this.watches = new Watches(this.life.log.revisions, options);
  }

  async start(): Promise<this> {
    const { life, watches } = this;
    const { register, driver, recorder, log } = life;
    const { cordon } = life.bench;
    const report = new HostReport({
      host: 'host-1',
      driver,
      cordon,
      readiness: () => Promise.resolve({ broker: 'ok', libvirt: 'ok', disk: 'ok', commands: 'ok' }),
      register,
      commandsInFlight: () => recorder.inFlight,
      startedAt: new Date(),
    });
    const hostWatches = new HostWatches(report, 10);
    const instances = watchHandlers({
      host: 'host-1',
      watches,
      ready: recorder.ready,
      history: log.history,
      isKnown: (id) => log.revisions.get(id) !== null,
      operationOf: () => null,
      driver,
      register,
      viewOf: (filter) => (filter === '' ? null : { fits: ({ displayName }) => displayName === filter }),
    });
    const host = hostHandlers({
      host: 'host-1',
      driver,
      cordon,
      report,
      watches: hostWatches,
      run: (type, body, requestId) => life.run(type, body, requestId),
      inFlight: recorder,
    });
    const metrics = createGrpcMetrics(createMetrics().registry, () => 0);
    this.#server = await GrpcServer.start(
      {
        listen: [{ socket: this.#socket }],
        ready: () => report.now().then(() => ({ broker: 'ok', libvirt: 'ok', disk: 'ok', commands: 'ok' })),
        metrics,
        log: new KeptLog(),
      },
      [served(InstanceService, instances), served(HostService, host)],
    );
    takeAwayAfter(this.t, () => this.stop());
    return this;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    this.watches.close();
    await server.stop(1000);
    this.life.end();
  }

  client(): ApiClient {
    const client = new ApiClient(`unix:${this.#socket}`);
    takeAwayAfter(this.t, () => Promise.resolve(client.close()));
    return client;
  }
}

/** What a stream said, in order, and how it ended. */
export interface Heard<M> {
  readonly messages: Inbox<M>;
  readonly ended: Promise<ServiceError | null>;
  readonly stream: ClientReadableStream<M>;
}

/** A client of the API by its descriptors. */
export class ApiClient {
  readonly #client: Client;

  constructor(address: string) {
    this.#client = new Client(address, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
  }

  close(): void {
    this.#client.close();
  }

  call<M extends DescMethod>(method: M, request: MessageInitShape<M['input']>): Promise<MessageShape<M['output']>> {
    const { path, requestSerialize, responseDeserialize } = definitionOf(method);
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        create(method.input, request as never),
        (error, response) => (error ? reject(error) : resolve(response as MessageShape<M['output']>)),
      );
    });
  }

  stream<M extends DescMethod>(method: M, request: MessageInitShape<M['input']>): ClientReadableStream<MessageShape<M['output']>> {
    const { path, requestSerialize, responseDeserialize } = definitionOf(method);
    return this.#client.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      create(method.input, request as never),
    ) as ClientReadableStream<MessageShape<M['output']>>;
  }

  listen<M extends DescMethod>(method: M, request: MessageInitShape<M['input']>): Heard<MessageShape<M['output']>> {
    const stream = this.stream(method, request);
    const messages = new Inbox<MessageShape<M['output']>>();
    stream.on('data', (message: MessageShape<M['output']>) => messages.push(message));
    const ended = new Promise<ServiceError | null>((resolve) => {
      stream.on('error', (error) => resolve(error as ServiceError));
      stream.on('end', () => resolve(null));
    });
    return { messages, ended, stream };
  }
}

function definitionOf(method: DescMethod) {
  const definition = serviceDefinition(method.parent)[method.localName];
  if (!definition) throw new Error(`${method.name} is in no service`);
  return definition;
}
