import type { Socket } from 'node:net';
import type { DescService } from '@bufbuild/protobuf';
import type { GenService, GenServiceMethods } from '@bufbuild/protobuf/codegenv2';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { Health } from '../../common/proto/generated/grpc/health/v1/health_pb.js';
import { bounded } from '../bounded.js';
import type { Log } from '../log.js';
import type { Readiness } from '../monitoring/readiness.js';
import { Calls, type CallLimits, type Handlers } from './calls.js';
import type { GrpcMetrics } from './grpc-metrics.js';
import { healthHandlers } from './health.js';
import type { GrpcAddress } from './listen-address.js';
import { listen, type Listener, type TlsFiles } from './listener.js';
import { serviceDefinition } from './method-definitions.js';
import { Reflection } from './reflection.js';

export interface GrpcServerOptions {
  readonly listen: readonly GrpcAddress[];
  readonly tls?: TlsFiles | undefined;
  readonly ready: () => Promise<Readiness>;
  readonly metrics: GrpcMetrics;
  readonly log: Log;
  readonly limits?: CallLimits;
  /** Default 4096. */
  readonly maxConnections?: number;
}

/** A service and what does its work. */
export interface Served {
  readonly service: DescService;
  readonly handlers: Readonly<Record<string, unknown>>;
}

/** Ties handlers to the service whose methods they are, for the compiler. */
export function served<S extends GenService<GenServiceMethods>>(service: S, handlers: Handlers<S>): Served {
  return { service, handlers };
}

const MAX_CONNECTIONS = 4096;
/** A command's body ends at 1 MiB, and protobuf says the same in less. */
const MAX_REQUEST_BYTES = 2 * 1024 * 1024;
/** What a session may hold in memory for its client, in MB: a hundred streams of one reader, and no more for one that never reads. */
const MAX_SESSION_MB = 32;
const MAX_STREAMS_OF_A_CONNECTION = 256;
/** Whoever does not answer is gone. */
const KEEPALIVE = { everyMs: 60_000, timeoutMs: 20_000 };
/** How long calls may go on when the worker leaves. */
const DRAIN_MS = 5000;

/** The host's API on its listeners. */
export class GrpcServer {
  readonly #server: Server;
  readonly #calls: Calls;
  readonly #injector: ReturnType<Server['createConnectionInjector']>;
  readonly #connections = new Set<Socket>();
  #listeners: readonly Listener[] = [];

  /** @throws ComputeError precondition when an address cannot be listened on */
  static async start(options: GrpcServerOptions, services: readonly Served[]): Promise<GrpcServer> {
    const server = new GrpcServer(options, services);
    try {
      for (const address of options.listen) server.#listeners = [...server.#listeners, await server.#listen(address)];
    } catch (error) {
      await server.stop(0);
      throw error;
    }
    return server;
  }

  private constructor(
    private readonly options: GrpcServerOptions,
    services: readonly Served[],
  ) {
    const { metrics, log, limits, ready } = options;
    this.#calls = new Calls(metrics, log, limits);
    this.#server = new Server({
      'grpc.max_receive_message_length': MAX_REQUEST_BYTES,
      'grpc.max_concurrent_streams': MAX_STREAMS_OF_A_CONNECTION,
      'grpc-node.max_session_memory': MAX_SESSION_MB,
      'grpc.keepalive_time_ms': KEEPALIVE.everyMs,
      'grpc.keepalive_timeout_ms': KEEPALIVE.timeoutMs,
      'grpc.enable_channelz': 0,
    });
    const names = services.map(({ service }) => service.typeName);
    const reflected = [...names, Health.typeName, 'grpc.reflection.v1.ServerReflection', 'grpc.reflection.v1alpha.ServerReflection'];
    const reflection = new Reflection(reflected);
    for (const definition of reflection.definitions) this.#server.addService(definition, reflection.implementation);
    for (const { service, handlers } of [...services, served(Health, healthHandlers(ready, names))])
      this.#server.addService(serviceDefinition(service), this.#calls.implementation(service as never, handlers));
    this.#injector = this.#server.createConnectionInjector(ServerCredentials.createInsecure());
  }

  /** Where it listens. */
  get addresses(): readonly string[] {
    return this.#listeners.map(({ address }) => address);
  }

  /**
   * Takes no more connections and calls; unary calls come to their end within `drainMs`, streams are told that the worker stops. Default 5 s.
   */
  async stop(drainMs: number = DRAIN_MS): Promise<void> {
    for (const listener of this.#listeners) listener.close();
    this.#calls.endStreams();
    const gone = Promise.all([...this.#connections].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
    this.#injector.drain(drainMs);
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([gone, new Promise((resolve) => (timer = setTimeout(resolve, drainMs)))]);
    clearTimeout(timer);
    for (const socket of this.#connections) socket.destroy();
    this.#server.forceShutdown();
  }

  #listen(address: GrpcAddress): Promise<Listener> {
    const { tls, maxConnections = MAX_CONNECTIONS, log } = this.options;
    return listen(address, { tls, maxConnections, log, onConnection: (socket) => this.#connected(socket) });
  }

  #connected(socket: Socket): void {
    const { metrics, log } = this.options;
    this.#connections.add(socket);
    metrics.connections.set(this.#connections.size);
    socket.on('error', (error) => log.debugs && log.debug({ error: bounded(error.message) }, 'gRPC connection broke'));
    socket.once('close', () => {
      this.#connections.delete(socket);
      metrics.connections.set(this.#connections.size);
    });
    this.#injector.injectConnection(socket);
  }
}
