import { anyUnpack, type Any } from '@bufbuild/protobuf/wkt';
import { createRegistry, fromBinary } from '@bufbuild/protobuf';
import { status as Code, type Metadata, type ServiceError } from '@grpc/grpc-js';
import { ERROR_KINDS, type ErrorKind } from '../common/errors.js';
import { BadRequestSchema, ErrorInfoSchema, PreconditionFailureSchema, RetryInfoSchema } from '../common/proto/generated/google/rpc/error_details_pb.js';
import { StatusSchema, type Status } from '../common/proto/generated/google/rpc/status_pb.js';
import { shownAddress, type Address } from './address.js';
import { advice } from './advice.js';
import { Failure, type FailureReport } from './failure.js';
import { unreachable } from './unreachable.js';

const DETAILS = createRegistry(ErrorInfoSchema, BadRequestSchema, RetryInfoSchema, PreconditionFailureSchema);
const DETAILS_KEY = 'grpc-status-details-bin';

/** Where the worker does not say its own kind: a proxy, an older worker, gRPC itself. */
const KIND_OF_CODE: Readonly<Record<Code, ErrorKind>> = {
  [Code.OK]: 'internal',
  [Code.CANCELLED]: 'cancelled',
  [Code.UNKNOWN]: 'internal',
  [Code.INVALID_ARGUMENT]: 'invalid',
  [Code.DEADLINE_EXCEEDED]: 'timeout',
  [Code.NOT_FOUND]: 'not-found',
  [Code.ALREADY_EXISTS]: 'already-exists',
  [Code.PERMISSION_DENIED]: 'denied',
  [Code.RESOURCE_EXHAUSTED]: 'exhausted',
  [Code.FAILED_PRECONDITION]: 'precondition',
  [Code.ABORTED]: 'conflict',
  [Code.OUT_OF_RANGE]: 'precondition',
  [Code.UNIMPLEMENTED]: 'unsupported',
  [Code.INTERNAL]: 'internal',
  [Code.UNAVAILABLE]: 'unavailable',
  [Code.DATA_LOSS]: 'internal',
  [Code.UNAUTHENTICATED]: 'denied',
};

/** What a call threw. */
export function failureOf(thrown: unknown, address: Address): Failure {
  if (!isServiceError(thrown)) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new Failure({ kind: 'internal', message: `${shownAddress(address)}: ${message}` }, undefined, { cause: thrown });
  }
  const details = detailsOf(thrown.metadata);
  if (details) return failureOfStatus(details, thrown);
  const kind = KIND_OF_CODE[thrown.code] ?? 'internal';
  if (kind === 'unavailable') return unreachable(thrown, address);
  return new Failure(withAdvice({ kind, message: thrown.details || thrown.message }), undefined, { cause: thrown });
}

/** How an operation ended that came to nothing. */
export function failureOfStatus({ code, message, details }: Status, cause?: unknown): Failure {
  let kind: ErrorKind = KIND_OF_CODE[code as Code] ?? 'internal';
  let report: Partial<FailureReport> = {};
  for (const detail of details) {
    const found = unpacked(detail);
    if (found?.$typeName === 'google.rpc.ErrorInfo') {
      kind = kindOf(found.metadata['kind'] ?? found.reason) ?? kind;
      const { kind: _kind, ...facts } = found.metadata;
      report = { ...report, reason: found.reason, ...(Object.keys(facts).length > 0 && { facts }) };
    } else if (found?.$typeName === 'google.rpc.BadRequest') {
      report = { ...report, fields: found.fieldViolations.map(({ field, description }) => ({ field, description })) };
    } else if (found?.$typeName === 'google.rpc.PreconditionFailure') {
      report = { ...report, fields: found.violations.map(({ subject, description }) => ({ field: subject, description })) };
    } else if (found?.$typeName === 'google.rpc.RetryInfo' && found.retryDelay) {
      report = { ...report, retryAfterSeconds: Number(found.retryDelay.seconds) + found.retryDelay.nanos / 1e9 };
    }
  }
  return new Failure(withAdvice({ kind, message, ...report }), undefined, { cause });
}

function withAdvice(report: FailureReport): FailureReport {
  const words = advice(report);
  return words === undefined ? report : { ...report, advice: words };
}

function unpacked(detail: Any) {
  try {
    const message = anyUnpack(detail, DETAILS);
    return message as
      | (typeof message & undefined)
      | import('../common/proto/generated/google/rpc/error_details_pb.js').ErrorInfo
      | import('../common/proto/generated/google/rpc/error_details_pb.js').BadRequest
      | import('../common/proto/generated/google/rpc/error_details_pb.js').PreconditionFailure
      | import('../common/proto/generated/google/rpc/error_details_pb.js').RetryInfo
      | undefined;
  } catch {
    return undefined; // a detail that cannot be read is one less; the status stands
  }
}

function detailsOf(metadata: Metadata): Status | undefined {
  const [bytes] = metadata.get(DETAILS_KEY);
  if (!(bytes instanceof Buffer)) return undefined;
  try {
    return fromBinary(StatusSchema, bytes);
  } catch {
    return undefined;
  }
}

/** The worker's kinds, also as a reason in capitals: NOT_FOUND. */
function kindOf(word: string): ErrorKind | undefined {
  const kind = word.toLowerCase().replaceAll('_', '-');
  return ERROR_KINDS.find((known) => known === kind);
}

function isServiceError(thrown: unknown): thrown is ServiceError {
  return thrown instanceof Error && typeof (thrown as Partial<ServiceError>).code === 'number' && 'metadata' in thrown;
}
