import { create, type DescMessage, type MessageInitShape } from '@bufbuild/protobuf';
import { anyPack } from '@bufbuild/protobuf/wkt';
import { OperationSchema, type Operation } from '../../../../services/common/proto/generated/google/longrunning/operations_pb.js';
import { StatusSchema } from '../../../../services/common/proto/generated/google/rpc/status_pb.js';
import { Instance_State, InstanceSchema } from '../../../../services/common/proto/generated/novalet/compute/v1/instance_pb.js';
import { OperationMetadataSchema } from '../../../../services/common/proto/generated/novalet/compute/v1/operation_pb.js';
import type { detail } from './fake-worker.js';

export const ID = '6b1f5f0e-52a5-4f06-8b40-1d8f5a3f8f01';
export const NAME = `projects/default/instances/${ID}`;
export const OPERATION = 'projects/default/operations/9d2c64f4-3f52-4c6e-bb9e-0a5a7bb3f9aa';

export function instance(more: MessageInitShape<typeof InstanceSchema> = {}) {
  return create(InstanceSchema, {
    ...{ name: NAME, uid: ID, displayName: 'web', state: Instance_State.RUNNING, etag: 'e1', generation: 1, revision: 7n },
    ...more,
  });
}

/** An operation that is under way. */
export function underWay(metadata: MessageInitShape<typeof OperationMetadataSchema> = {}): Operation {
  const all = create(OperationMetadataSchema, { target: NAME, verb: 'instance.stop', requestId: 'r-1', ...metadata });
  return create(OperationSchema, { name: OPERATION, metadata: anyPack(OperationMetadataSchema, all) });
}

/** An operation that came to its end, with its result. */
export function done<D extends DescMessage>(schema: D, result: MessageInitShape<D>): Operation {
  const value = anyPack(schema, create(schema, result));
  return create(OperationSchema, { ...underWay(), done: true, result: { case: 'response', value } });
}

export function doneInstance(): Operation {
  return done(InstanceSchema, instance() as MessageInitShape<typeof InstanceSchema>);
}

/** An operation that came to nothing. */
export function failed(code: number, message: string, ...details: ReturnType<typeof detail>[]): Operation {
  const value = create(StatusSchema, { code, message, details: details.map((one) => anyPack(one.schema, one.message)) });
  return { ...underWay(), done: true, result: { case: 'error', value } };
}
