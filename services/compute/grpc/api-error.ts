import type { status } from '@grpc/grpc-js';
import type { ErrorDetails, ErrorKind } from '../../common/errors.js';

/** Words that a program can act on, beside those of the kinds of errors. */
export const API_REASONS = [
  'REQUEST_ID_REUSED',
  'ETAG_MISMATCH',
  'TOO_MANY_OPERATIONS',
  'TOO_MANY_CALLS',
  'HOST_CORDONED',
  'HOST_UNCORDONED',
  'REVISION_COMPACTED',
  'REVISION_UNKNOWN',
  'SLOW_CONSUMER',
  'STOPPING',
] as const;
export type ApiReason = (typeof API_REASONS)[number];

/** A refusal that only this door knows: its own status and reason. Everything else is a ComputeError. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  constructor(
    readonly code: status,
    readonly reason: ApiReason,
    message: string,
    /** For ErrorInfo. */
    readonly metadata: Readonly<Record<string, string>> = {},
    /** When it is worth trying again. */
    readonly retryAfterMs?: number,
  ) {
    super(message);
  }
}

/** A failure as the table of statuses wants it: a ComputeError is one with its details, and so is the error of a result. */
export type Failure = { readonly kind: ErrorKind; readonly message: string } & {
  readonly [F in keyof ErrorDetails]?: F extends 'libvirt'
    ? { readonly code: number; readonly domain: number; readonly function?: string | undefined } | undefined
    : ErrorDetails[F] | undefined;
};
