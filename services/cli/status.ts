import { anyUnpack, type Any } from '@bufbuild/protobuf/wkt';
import { fromBinary } from '@bufbuild/protobuf';
import { status as Code, type Metadata, type ServiceError } from '@grpc/grpc-js';
import { ERROR_KINDS, type ErrorKind } from '../common/errors.js';
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
  type BadRequest,
  type ErrorInfo,
  type RetryInfo,
} from '../common/proto/generated/google/rpc/error_details_pb.js';
import { StatusSchema, type Status } from '../common/proto/generated/google/rpc/status_pb.js';
import { shownAddress, type Address } from './address.js';
import { advice } from './advice.js';
import { Failure, type FailureReport } from './failure.js';
import { unreachable } from './unreachable.js';

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

/**
 * What a call threw.
 * @param calledOff it was ended from here
 */
export function failureOf(thrown: unknown, address: Address, calledOff: boolean): Failure {
  if (!isServiceError(thrown)) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new Failure({ kind: 'internal', message: `${shownAddress(address)}: ${message}` }, undefined, { cause: thrown });
  }
  const details = detailsOf(thrown.metadata);
  if (details) return failureOfStatus(details, thrown);
  const kind = KIND_OF_CODE[thrown.code] ?? 'internal';
  // A worker that leaves in a hurry cancels what it has in hand.
  if (kind === 'unavailable' || (kind === 'cancelled' && !calledOff)) return unreachable(thrown, address);
  return new Failure(withAdvice({ kind, message: thrown.details || thrown.message }), undefined, { cause: thrown });
}

/** How an operation ended that came to nothing. */
export function failureOfStatus({ code, message, details }: Status, cause?: unknown): Failure {
  const reports = details.map(readable);
  const report = Object.assign({ kind: KIND_OF_CODE[code as Code] ?? 'internal', message }, ...reports) as FailureReport;
  return new Failure(withAdvice(report), undefined, { cause });
}

/** What a detail adds. One that is unknown, or cannot be read, adds nothing: the status stands. */
function readable(detail: Any): Partial<FailureReport> {
  try {
    return (
      errorInfo(anyUnpack(detail, ErrorInfoSchema)) ??
      violations(anyUnpack(detail, BadRequestSchema)) ??
      retry(anyUnpack(detail, RetryInfoSchema)) ??
      {}
    );
  } catch {
    return {};
  }
}

function errorInfo(info: ErrorInfo | undefined): Partial<FailureReport> | undefined {
  if (!info) return undefined;
  const { kind: word, ...facts } = info.metadata;
  const kind = kindOf(word ?? info.reason);
  return { reason: info.reason, ...(kind && { kind }), ...(Object.keys(facts).length > 0 && { facts }) };
}

function violations(request: BadRequest | undefined): Partial<FailureReport> | undefined {
  return request && { fields: request.fieldViolations.map(({ field, description }) => ({ field, description })) };
}

function retry(info: RetryInfo | undefined): Partial<FailureReport> | undefined {
  return info?.retryDelay && { retryAfterSeconds: Number(info.retryDelay.seconds) + info.retryDelay.nanos / 1e9 };
}

function withAdvice(report: FailureReport): FailureReport {
  const words = advice(report);
  return words === undefined ? report : { ...report, advice: words };
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
