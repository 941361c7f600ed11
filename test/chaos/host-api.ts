import { setTimeout as delay } from 'node:timers/promises';
import type { DescMethodUnary, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import { anyUnpack } from '@bufbuild/protobuf/wkt';
import { status, type ServiceError } from '@grpc/grpc-js';
import { Operations, type Operation } from '../../services/common/proto/generated/google/longrunning/operations_pb.js';
import { InstanceService } from '../../services/common/proto/generated/novalet/compute/v1/instance_service_pb.js';
import { OperationMetadataSchema } from '../../services/common/proto/generated/novalet/compute/v1/operation_pb.js';
import { ApiClient, detailsOf, statusIn } from '../support/api-client.js';

/** Nobody answered, or the worker says that it is leaving: what was asked may have been heard. */
export class Broken extends Error {
  override readonly name = 'Broken';
}

const CALL_MS = 60_000;
const WAIT = { seconds: 5n };
const AGAIN_MS = 50;
const RECONNECT = { 'grpc.initial_reconnect_backoff_ms': 50, 'grpc.min_reconnect_backoff_ms': 50, 'grpc.max_reconnect_backoff_ms': 100 };

/** The host's gRPC API for somebody who asks again until he is answered, whatever becomes of the worker. */
export class HostApi {
  readonly client: ApiClient;

  constructor(socket: string) {
    this.client = new ApiClient(`unix:${socket}`, undefined, RECONNECT);
  }

  /** @throws Broken; ServiceError, an answer */
  async once<M extends DescMethodUnary>(method: M, request: MessageInitShape<M['input']>): Promise<MessageShape<M['output']>> {
    try {
      return await this.client.call(method, request, CALL_MS);
    } catch (error) {
      if (isAnswer(error as ServiceError)) throw error;
      throw new Broken((error as ServiceError).message);
    }
  }

  /** @throws ServiceError, an answer */
  async call<M extends DescMethodUnary>(method: M, request: MessageInitShape<M['input']>): Promise<MessageShape<M['output']>> {
    for (;;) {
      try {
        return await this.once(method, request);
      } catch (error) {
        if (!(error instanceof Broken)) throw error;
        await delay(AGAIN_MS);
      }
    }
  }

  /** The operation at its end. @throws ServiceError when it is not known */
  async ended(name: string): Promise<Operation> {
    for (;;) {
      const operation = await this.call(Operations.method.waitOperation, { name, timeout: WAIT });
      if (operation.done) return operation;
    }
  }

  /** Every operation that the host remembers, by its name, with the request that it came by. */
  async operations(): Promise<Map<string, string>> {
    const all = new Map<string, string>();
    for (let pageToken = ''; ;) {
      const page = await this.call(Operations.method.listOperations, { name: 'projects/default', pageSize: 1000, pageToken });
      for (const { name, metadata } of page.operations)
        all.set(name, (metadata && anyUnpack(metadata, OperationMetadataSchema)?.requestId) ?? '');
      if (page.nextPageToken === '') return all;
      pageToken = page.nextPageToken;
    }
  }

  /** Every instance, and the revision up to which that is so. */
  list() {
    return this.call(InstanceService.method.listInstances, { parent: 'projects/default', pageSize: 1000 });
  }

  close(): void {
    this.client.close();
  }
}

/** What the worker said of the call, as opposed to: it is not there, leaves, or has no room for one more. */
function isAnswer(error: ServiceError): boolean {
  if (!error.metadata?.get('grpc-status-details-bin').length) return false;
  const reason = detailsOf(statusIn(error)).info?.reason;
  return error.code !== status.UNAVAILABLE && reason !== 'TOO_MANY_CALLS' && reason !== 'TOO_MANY_OPERATIONS';
}
