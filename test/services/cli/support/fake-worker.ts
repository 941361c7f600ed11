import { create, toBinary, type DescMessage, type DescMethod, type DescService, type Message, type MessageShape } from '@bufbuild/protobuf';
import { anyPack } from '@bufbuild/protobuf/wkt';
import * as grpc from '@grpc/grpc-js';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Operations } from '../../../../services/common/proto/generated/google/longrunning/operations_pb.js';
import { StatusSchema } from '../../../../services/common/proto/generated/google/rpc/status_pb.js';
import { HostService } from '../../../../services/common/proto/generated/novalet/compute/v1/host_service_pb.js';
import { InstanceService } from '../../../../services/common/proto/generated/novalet/compute/v1/instance_service_pb.js';
import { serviceDefinition } from '../../../../services/compute/grpc/method-definitions.js';
import { takeAwayAfter, type TakeAway } from '../../../support/take-away.js';

/** A failure as a worker tells it. */
export class Refusal extends Error {
  constructor(
    readonly code: grpc.status,
    message: string,
    readonly details: readonly { readonly schema: DescMessage; readonly message: Message }[] = [],
  ) {
    super(message);
  }
}

/** A message of a kind, and the schema that says which. */
export function detail<D extends DescMessage>(schema: D, message: MessageShape<D>) {
  return { schema, message };
}

// What a handler gets and gives differs by its method; the schemas hold both sides to it.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Handler = (request: any, signal: AbortSignal) => unknown;
export type Handlers = Readonly<Record<string, Handler>>;

export interface FakeWorker {
  readonly socket: string;
  /** Every request, with the name of its method. */
  readonly requests: { readonly method: string; readonly request: Message }[];
  /** From now on. */
  answer(handlers: Handlers): void;
  /** Ends at once, and begins again at the same socket. */
  restart(): Promise<void>;
}

/** The API of a worker on a socket of its own, with a handler for each method that a test wants; gone with the test. */
export async function withFakeWorker(t: TakeAway, first: Handlers): Promise<FakeWorker> {
  const directory = await mkdtemp(join(tmpdir(), 'novalet-cli-'));
  takeAwayAfter(t, () => rm(directory, { recursive: true }));
  const socket = join(directory, 'compute.sock');
  const requests: FakeWorker['requests'] = [];
  let handlers = first;
  const listen = async (): Promise<grpc.Server> => {
    const server = new grpc.Server();
    for (const service of [InstanceService, HostService, Operations] as DescService[]) {
      const of = (method: DescMethod) => (request: Message) => {
        requests.push({ method: method.localName, request });
        return handlers[method.localName];
      };
      server.addService(serviceDefinition(service), implementation(service, of));
    }
    await new Promise<void>((resolve, reject) =>
      server.bindAsync(`unix:${socket}`, grpc.ServerCredentials.createInsecure(), (error) => (error ? reject(error) : resolve())),
    );
    return server;
  };
  let server = await listen();
  takeAwayAfter(t, () => Promise.resolve(server.forceShutdown()));
  return {
    socket,
    requests,
    answer: (more) => void (handlers = { ...handlers, ...more }),
    restart: async () => {
      server.forceShutdown();
      server = await listen();
    },
  };
}

function implementation(
  { methods }: DescService,
  of: (method: DescMethod) => (request: Message) => Handler | undefined,
): grpc.UntypedServiceImplementation {
  return Object.fromEntries(
    methods.map((method) => [
      method.localName,
      method.methodKind === 'server_streaming' ? streaming(method, of(method)) : unary(method, of(method)),
    ]),
  );
}

function unary(method: DescMethod, handlerOf: (request: Message) => Handler | undefined): grpc.handleUnaryCall<Message, Message> {
  return (call, callback) => {
    answered(handlerOf(call.request), call.request, cancelled(call)).then(
      (answer) => callback(null, create(method.output, answer as Record<string, unknown>)),
      (error: unknown) => callback(serviceError(error)),
    );
  };
}

function streaming(
  method: DescMethod,
  handlerOf: (request: Message) => Handler | undefined,
): grpc.handleServerStreamingCall<Message, Message> {
  return (call) => {
    const tell = async (): Promise<void> => {
      const told = (await answered(handlerOf(call.request), call.request, cancelled(call))) as AsyncIterable<Record<string, unknown>>;
      for await (const message of told) call.write(create(method.output, message));
      call.end();
    };
    tell().catch((error: unknown) => void call.emit('error', serviceError(error)));
  };
}

// eslint-disable-next-line @typescript-eslint/require-await -- a handler that throws is a promise that is rejected
async function answered(handler: Handler | undefined, request: Message, signal: AbortSignal): Promise<unknown> {
  if (!handler) throw new Refusal(grpc.status.UNIMPLEMENTED, 'this worker cannot do that');
  return handler(request, signal);
}

function cancelled(call: { on(event: 'cancelled', listener: () => void): unknown }): AbortSignal {
  const controller = new AbortController();
  call.on('cancelled', () => controller.abort());
  return controller.signal;
}

function serviceError(error: unknown): Partial<grpc.StatusObject> {
  if (!(error instanceof Refusal)) return { code: grpc.status.INTERNAL, details: String(error) };
  const metadata = new grpc.Metadata();
  const details = error.details.map(({ schema, message }) => anyPack(schema, message));
  const status = create(StatusSchema, { code: error.code, message: error.message, details });
  if (details.length > 0) metadata.set('grpc-status-details-bin', Buffer.from(toBinary(StatusSchema, status)));
  return { code: error.code, details: error.message, metadata };
}
