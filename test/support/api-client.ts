import { randomUUID } from 'node:crypto';
import { create, fromBinary, type DescMethodUnary, type DescService, type MessageInitShape, type MessageShape } from '@bufbuild/protobuf';
import { anyUnpack } from '@bufbuild/protobuf/wkt';
import { credentials, makeClientConstructor, type ChannelCredentials, type Client, type ServiceError } from '@grpc/grpc-js';
import { Operations, type Operation } from '../../services/common/proto/generated/google/longrunning/operations_pb.js';
import {
  BadRequestSchema,
  ErrorInfoSchema,
  PreconditionFailureSchema,
  ResourceInfoSchema,
  RetryInfoSchema,
} from '../../services/common/proto/generated/google/rpc/error_details_pb.js';
import { StatusSchema, type Status } from '../../services/common/proto/generated/google/rpc/status_pb.js';
import { InstanceSchema, type Instance } from '../../services/common/proto/generated/novalet/compute/v1/instance_pb.js';
import { InstanceService } from '../../services/common/proto/generated/novalet/compute/v1/instance_service_pb.js';
import { serviceDefinition } from '../../services/compute/grpc/method-definitions.js';
import { takeAwayAfter, type TakeAway } from './take-away.js';

type NewInstance = Partial<Exclude<MessageInitShape<typeof InstanceService.method.createInstance.input>, { $typeName: string }>>;
type AnyCall = (request: unknown, options: object, callback: (error: ServiceError | null, response: unknown) => void) => void;

/** A client of the host's API by grpc-js, which knows it from its descriptors. */
export class ApiClient {
  readonly #clients = new Map<DescService, Client>();

  constructor(
    readonly address: string,
    private readonly channel: ChannelCredentials = credentials.createInsecure(),
    private readonly options: object = {},
  ) {}

  static of(t: TakeAway, address: string, channel?: ChannelCredentials, options?: object): ApiClient {
    const client = new ApiClient(address, channel, options);
    takeAwayAfter(t, () => Promise.resolve(client.close()));
    return client;
  }

  /** @throws ServiceError */
  call<M extends DescMethodUnary>(
    method: M,
    request: MessageInitShape<M['input']>,
    deadlineMs = 30_000,
  ): Promise<MessageShape<M['output']>> {
    const client = this.of(method.parent) as unknown as Record<string, AnyCall>;
    return new Promise((resolve, reject) => {
      const done = (error: ServiceError | null, response: unknown): void => (error ? reject(error) : resolve(response as never));
      client[method.localName]?.(create(method.input, request), { deadline: Date.now() + deadlineMs }, done);
    });
  }

  of(service: DescService): Client {
    let client = this.#clients.get(service);
    if (!client) {
      client = new (makeClientConstructor(serviceDefinition(service), service.name))(this.address, this.channel, this.options);
      this.#clients.set(service, client);
    }
    return client;
  }

  create(id: string, more: NewInstance = {}): Promise<Operation> {
    return this.call(InstanceService.method.createInstance, {
      parent: 'projects/default',
      instanceId: id,
      instance: { displayName: 'web', spec: { vcpus: 1, memoryMib: 64n } },
      requestId: randomUUID(),
      ...more,
    });
  }

  /** The operation at its end. */
  async ended({ name }: Operation): Promise<Operation> {
    for (;;) {
      const operation = await this.call(Operations.method.waitOperation, { name, timeout: { seconds: 20n } });
      if (operation.done) return operation;
    }
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
  }
}

export const nameOf = (id: string): string => `projects/default/instances/${id}`;

/** The instance that an operation came to. */
export function instanceIn({ result }: Operation): Instance | undefined {
  return result.case === 'response' ? anyUnpack(result.value, InstanceSchema) : undefined;
}

export function errorIn({ result }: Operation): Status | undefined {
  return result.case === 'error' ? result.value : undefined;
}

/** The status that a call failed with, by the trailer that has the details. */
export function statusIn(error: unknown): Status {
  const [bytes] = (error as ServiceError).metadata.get('grpc-status-details-bin');
  return fromBinary(StatusSchema, bytes as Buffer);
}

/** Its details by kind, each the first of its kind. */
export function detailsOf({ details }: Status) {
  const first = <T>(of: (detail: (typeof details)[number]) => T | undefined): T | undefined =>
    details.map(of).find((one) => one !== undefined);
  return {
    info: first((one) => anyUnpack(one, ErrorInfoSchema)),
    badRequest: first((one) => anyUnpack(one, BadRequestSchema)),
    precondition: first((one) => anyUnpack(one, PreconditionFailureSchema)),
    resource: first((one) => anyUnpack(one, ResourceInfoSchema)),
    retry: first((one) => anyUnpack(one, RetryInfoSchema)),
  };
}
