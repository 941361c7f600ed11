import { create, toBinary, type DescMessage, type MessageInitShape } from '@bufbuild/protobuf';
import { anyPack, type Any } from '@bufbuild/protobuf/wkt';
import { Metadata, status as Code, type StatusObject } from '@grpc/grpc-js';
import { asComputeError, type ErrorKind } from '../../common/errors.js';
import {
  BadRequestSchema,
  ErrorInfoSchema,
  PreconditionFailureSchema,
  QuotaFailureSchema,
  ResourceInfoSchema,
  RetryInfoSchema,
} from '../../common/proto/generated/google/rpc/error_details_pb.js';
import { StatusSchema, type Status } from '../../common/proto/generated/google/rpc/status_pb.js';
import { bounded } from '../bounded.js';
import { ApiError, type Failure } from './api-error.js';
import { protoPath } from './field-path.js';

const DOMAIN = 'compute.novalet';
/** A trailer of HTTP/2 has little room: grpc-js takes 8 KiB of all of them. */
const MAX_MESSAGE = 1500;
const MAX_METADATA = 300;

type Detail = 'field' | 'resource' | 'precondition' | 'quota' | 'retry';
interface Row {
  readonly code: Code;
  readonly reason: string;
  readonly detail?: Detail;
  readonly retryAfterMs?: number;
}

/** What each kind of error is to a client. A kind that is missing does not compile. */
const STATUS: Readonly<Record<ErrorKind, Row>> = {
  invalid: { code: Code.INVALID_ARGUMENT, reason: 'INVALID', detail: 'field' },
  'not-found': { code: Code.NOT_FOUND, reason: 'NOT_FOUND', detail: 'resource' },
  'already-exists': { code: Code.ALREADY_EXISTS, reason: 'ALREADY_EXISTS', detail: 'resource' },
  conflict: { code: Code.FAILED_PRECONDITION, reason: 'CONFLICT', detail: 'precondition' },
  precondition: { code: Code.FAILED_PRECONDITION, reason: 'PRECONDITION', detail: 'precondition' },
  busy: { code: Code.ABORTED, reason: 'BUSY', detail: 'retry', retryAfterMs: 5000 },
  exhausted: { code: Code.RESOURCE_EXHAUSTED, reason: 'EXHAUSTED', detail: 'quota' },
  unsupported: { code: Code.UNIMPLEMENTED, reason: 'UNSUPPORTED' },
  denied: { code: Code.PERMISSION_DENIED, reason: 'DENIED' },
  timeout: { code: Code.DEADLINE_EXCEEDED, reason: 'TIMEOUT' },
  cancelled: { code: Code.CANCELLED, reason: 'CANCELLED' },
  unavailable: { code: Code.UNAVAILABLE, reason: 'UNAVAILABLE', detail: 'retry', retryAfterMs: 2000 },
  internal: { code: Code.INTERNAL, reason: 'INTERNAL' },
};

/** The reason of ErrorInfo for a kind, for documentation. */
export const REASONS: readonly (readonly [ErrorKind, string, string])[] = (Object.keys(STATUS) as ErrorKind[]).map((kind) => [
  kind,
  Code[STATUS[kind].code],
  STATUS[kind].reason,
]);

/** The status of a failure, with everything that is known of it: for an operation, and for a call's trailer. */
export function statusOf(failure: Failure, target?: string): Status {
  const row = STATUS[failure.kind];
  const message = bounded(failure.message, MAX_MESSAGE);
  const info = packed(ErrorInfoSchema, { reason: row.reason, domain: DOMAIN, metadata: metadataOf(failure) });
  const more = detailOf(row, failure, message, target);
  return create(StatusSchema, { code: row.code, message, details: more ? [info, more] : [info] });
}

function detailOf(row: Row, { field, kind }: Failure, message: string, target = ''): Any | undefined {
  switch (row.detail) {
    case 'field':
      return field === undefined
        ? undefined
        : packed(BadRequestSchema, { fieldViolations: [{ field: protoPath(field), description: message }] });
    case 'resource':
      return target === '' ? undefined : packed(ResourceInfoSchema, { resourceName: target, description: message });
    case 'precondition':
      return packed(PreconditionFailureSchema, { violations: [{ type: kind.toUpperCase(), subject: target, description: message }] });
    case 'quota':
      return packed(QuotaFailureSchema, { violations: [{ subject: target, description: message }] });
    case 'retry':
      return packed(RetryInfoSchema, { retryDelay: duration(row.retryAfterMs ?? 0) });
    case undefined:
    default:
      return undefined;
  }
}

function metadataOf({ kind, step, libvirt, cleanedUp, leftovers }: Failure): Record<string, string> {
  const all: Record<string, string | undefined> = {
    kind,
    step,
    libvirt_code: libvirt && String(libvirt.code),
    libvirt_domain: libvirt && String(libvirt.domain),
    libvirt_function: libvirt?.function,
    cleaned_up: cleanedUp?.join(', '),
    leftovers: leftovers?.join(', '),
  };
  return Object.fromEntries(
    Object.entries(all).flatMap(([key, value]) => (value === undefined ? [] : [[key, bounded(value, MAX_METADATA)]])),
  );
}

/** Whatever was thrown, as grpc-js wants to have it: code, message, and the whole status in the trailer `grpc-status-details-bin`. */
export function serviceError(thrown: unknown, target?: string): Partial<StatusObject> {
  const status = thrown instanceof ApiError ? statusOfApiError(thrown) : statusOf(failureOf(thrown), target);
  const metadata = new Metadata();
  metadata.set('grpc-status-details-bin', Buffer.from(toBinary(StatusSchema, status)));
  return { code: status.code, details: status.message, metadata };
}

export function statusOfApiError({ code, reason, message, metadata, retryAfterMs }: ApiError): Status {
  const info = packed(ErrorInfoSchema, { reason, domain: DOMAIN, metadata: { ...metadata } });
  const retry = retryAfterMs === undefined ? [] : [packed(RetryInfoSchema, { retryDelay: duration(retryAfterMs) })];
  const failed =
    code === Code.FAILED_PRECONDITION || code === Code.ABORTED
      ? [packed(PreconditionFailureSchema, { violations: [{ type: reason, description: message }] })]
      : [];
  return create(StatusSchema, { code, message: bounded(message, MAX_MESSAGE), details: [info, ...retry, ...failed] });
}

function failureOf(thrown: unknown): Failure {
  const { kind, message, details } = asComputeError(thrown);
  // What nobody understands may say more of the inside than a stranger should read; the log has it all.
  return { ...details, kind, message };
}

const duration = (ms: number) => ({ seconds: BigInt(Math.floor(ms / 1000)), nanos: (ms % 1000) * 1_000_000 });

function packed<D extends DescMessage>(schema: D, init: MessageInitShape<D>): Any {
  return anyPack(schema, create(schema, init));
}
