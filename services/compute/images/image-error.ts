import { ComputeError, type ErrorKind } from '../../common/errors.js';

/** Stands for the field while work is done for several requests at once, which name it differently. */
export const UNNAMED = 'the image';

/** A failure over an image. @param what the field of the request that named it, or UNNAMED */
export function imageError(kind: ErrorKind, what: string, message: string, cause?: unknown): ComputeError {
  const details = what === UNNAMED ? {} : { field: what };
  return new ComputeError(kind, `${what}: ${message}`, details, cause === undefined ? {} : { cause });
}

/** The same failure under the name that this request has for the image. */
export function named(error: unknown, field: string): unknown {
  if (!(error instanceof ComputeError) || !error.message.startsWith(`${UNNAMED}: `)) return error;
  return imageError(error.kind, field, error.message.slice(UNNAMED.length + 2), error.cause ?? error);
}
