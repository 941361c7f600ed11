import { create, fromBinary, type DescMessage, type MessageInitShape } from '@bufbuild/protobuf';
import { anyPack, timestampFromMs, type Any } from '@bufbuild/protobuf/wkt';
import type { ProgressEvent } from '../../../common/messages/progress.js';
import type { CommandResult } from '../../../common/messages/results.js';
import { OperationSchema, type Operation } from '../../../common/proto/generated/google/longrunning/operations_pb.js';
import { PrefetchedImageSchema } from '../../../common/proto/generated/novalet/compute/v1/host_service_pb.js';
import type { Status } from '../../../common/proto/generated/google/rpc/status_pb.js';
import { type Instance, InstancePlanSchema, InstanceSchema } from '../../../common/proto/generated/novalet/compute/v1/instance_pb.js';
import { DeletedInstanceSchema, SnapshotSchema } from '../../../common/proto/generated/novalet/compute/v1/instance_service_pb.js';
import { ImageFormatSchema } from '../../../common/proto/generated/novalet/compute/v1/instance_spec_pb.js';
import { OperationMetadataSchema } from '../../../common/proto/generated/novalet/compute/v1/operation_pb.js';
import { etagMismatch, isEtagMismatch } from '../etag-mismatch.js';
import { instanceOfResult } from '../instance-message.js';
import { hostName, instanceName, operationName } from '../names.js';
import { statusOf, statusOfApiError } from '../status.js';
import { numberOf } from '../words.js';
import type { StoredOperation } from './operation-store.js';

/** An operation as its clients see it. */
export function operationMessage(operation: StoredOperation, host: string, progress?: ProgressEvent): Operation {
  const { id, target, type, requestId, createdAt, deadline, redeliveries, cancelRequested, endedAt, result, instance } = operation;
  const metadata = packed(OperationMetadataSchema, {
    target,
    verb: type,
    requestId,
    createTime: timestampFromMs(createdAt),
    startTime: timestampFromMs(createdAt),
    ...(endedAt !== null && { endTime: timestampFromMs(endedAt) }),
    host: hostName(host),
    redeliveries,
    ...(progress && progressOf(progress)),
    cancelRequested,
    deadline: timestampFromMs(deadline),
  });
  const head = { name: operationName(id), metadata, done: endedAt !== null };
  if (result === null) return create(OperationSchema, head);
  const seen = instance ? fromBinary(InstanceSchema, instance) : undefined;
  return create(OperationSchema, {
    ...head,
    result: result.error
      ? { case: 'error', value: errorOf(result.error, target, seen) }
      : { case: 'response', value: responseOf(result, host, target, seen) },
  });
}

function progressOf({ phase, bytes, totalBytes, percent }: ProgressEvent): MessageInitShape<typeof OperationMetadataSchema> {
  return {
    phase,
    ...(bytes !== undefined && { bytes: BigInt(bytes) }),
    ...(totalBytes !== undefined && { totalBytes: BigInt(totalBytes) }),
    ...(percent !== undefined && { percent }),
  };
}

function errorOf(error: NonNullable<CommandResult['error']>, target: string, seen: Instance | undefined): Status {
  return seen && isEtagMismatch(error) ? statusOfApiError(etagMismatch(target, seen.etag)) : statusOf(error, target);
}

/** As a look at it would have told; without one, what the command's answer says. */
function instanceThen({ instance }: CommandResult, host: string, target: string, seen: Instance | undefined): Instance {
  if (!instance) return seen ?? create(InstanceSchema, { name: target });
  const told = instanceOfResult(instance, host);
  if (seen?.status && told.status) seen.status.images = told.status.images;
  return seen ?? told;
}

function responseOf(result: CommandResult, host: string, target: string, seen: Instance | undefined): Any {
  const { plan, destroyed, snapshot, image, instance } = result;
  if (plan) return packed(InstancePlanSchema, planOf(plan));
  if (destroyed) {
    const { instanceId, existed, removed, leftovers = [] } = destroyed;
    return packed(DeletedInstanceSchema, { name: instanceName(instanceId), existed, removed, leftovers });
  }
  if (snapshot) {
    const { file, bytes, sha256 } = snapshot;
    return packed(SnapshotSchema, {
      file,
      sizeBytes: BigInt(bytes),
      sha256,
      ...(instance && { instance: instanceThen(result, host, target, seen) }),
    });
  }
  if (image) {
    const { sha256, format, sizeBytes, virtualSizeBytes, fetched } = image;
    const sizes = { sizeBytes: BigInt(sizeBytes), virtualSizeBytes: BigInt(virtualSizeBytes) };
    return packed(PrefetchedImageSchema, { sha256, format: numberOf(ImageFormatSchema, format), ...sizes, fetched });
  }
  return anyPack(InstanceSchema, instanceThen(result, host, target, seen));
}

function planOf({
  fits,
  exists,
  claim,
  disks,
  domainXml = '',
}: NonNullable<CommandResult['plan']>): MessageInitShape<typeof InstancePlanSchema> {
  return {
    fits,
    exists,
    domainXml,
    claim: claim.map(({ resource, unit, wanted, free, total, fits: lineFits }) => ({
      resource,
      unit,
      wanted: BigInt(wanted),
      ...(free !== undefined && { free: BigInt(free) }),
      ...(total !== undefined && { total: BigInt(total) }),
      fits: lineFits,
    })),
    disks: disks.map(({ name: file, format, virtualSizeBytes, image }) => ({
      file,
      format: numberOf(ImageFormatSchema, format),
      ...(virtualSizeBytes !== undefined && { virtualSizeBytes: BigInt(virtualSizeBytes) }),
      ...(image && {
        image: { file: image.file, format: numberOf(ImageFormatSchema, image.format), virtualSizeBytes: BigInt(image.virtualSizeBytes) },
      }),
    })),
  };
}

function packed<D extends DescMessage>(schema: D, init: MessageInitShape<D>): Any {
  return anyPack(schema, create(schema, init));
}
