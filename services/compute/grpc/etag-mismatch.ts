import { status as Code } from '@grpc/grpc-js';
import { ComputeError } from '../../common/errors.js';
import type { FoundInstance } from '../ports.js';
import { ApiError } from './api-error.js';
import { etagOfFound } from './instance-message.js';
import { mustBeFound } from './must-be-found.js';
import { instanceName } from './names.js';

/** Of a command's failure: that it was its etag. No schema of a command has such a field. */
const FIELD = 'etag';

/** Before a change is accepted. @throws ApiError ETAG_MISMATCH, with the present one; ComputeError not-found */
export function checkEtag(etag: string, found: FoundInstance | null, instanceId: string): void {
  const actual = etagOfFound(mustBeFound(found, instanceId));
  if (etag !== actual) throw etagMismatch(instanceName(instanceId), actual);
}

/** In the instance's lane, as an operation's failure. @throws ComputeError conflict, not-found */
export function checkEtagInLane(etag: string, found: FoundInstance | null, instanceId: string): void {
  const actual = etagOfFound(mustBeFound(found, instanceId));
  if (etag !== actual) throw new ComputeError('conflict', etagMismatch(instanceName(instanceId), actual).message, { field: FIELD });
}

export const isEtagMismatch = ({ kind, field }: { readonly kind: string; readonly field?: string | undefined }): boolean =>
  kind === 'conflict' && field === FIELD;

export function etagMismatch(name: string, actual: string): ApiError {
  return new ApiError(Code.ABORTED, 'ETAG_MISMATCH', `${name} has changed: its etag is ${actual}`, { etag: actual });
}
