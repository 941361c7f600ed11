import type { ErrorKind } from '../common/errors.js';
import type { FailureReport } from './failure.js';

/** What a person can do, by the kind of what went wrong. */
const BY_KIND: Readonly<Record<ErrorKind, string | undefined>> = {
  invalid: undefined, // the message and the fields say what is wanted
  'not-found': undefined, // by what is not there
  'already-exists': 'Choose another id or name, or look at what is there with novalet instance show.',
  conflict: 'Something changed it meanwhile: look at it again, and then decide again.',
  precondition: undefined, // the message says what has to be so first
  busy: 'It is at work: try again in a while.',
  exhausted: 'novalet host show tells what is free.',
  unsupported: undefined, // the message says what the host lacks
  denied: undefined,
  timeout: 'It may be sent again as it is.',
  cancelled: undefined,
  unavailable: 'It may pass: try again.',
  internal: "The worker's log has more, under the request id.",
};

const BY_REASON: Readonly<Record<string, string>> = {
  REQUEST_ID_REUSED: 'That request id belongs to another request: leave --request-id away for a new one.',
  ETAG_MISMATCH: 'It has changed since you looked: look again with show -o json, and give its new etag.',
  REVISION_COMPACTED: 'What happened since that revision is not kept any more: watch without --from.',
  SLOW_CONSUMER: 'What reads the output is too slow for what happens: go on from the last revision with --from.',
  HOST_UNCORDONED: 'The host begins new instances: novalet host drain begins anew.',
  HOST_CORDONED: 'novalet host uncordon lets it begin new instances again.',
};

/** Of an image or a kernel the message itself says where to put it. */
function missing(message: string): string | undefined {
  if (/\boperations\b/.test(message)) return 'novalet operation list shows those that are remembered.';
  return /no such instance|\/instances\//.test(message) ? 'novalet instance list shows what there is.' : undefined;
}

export function advice({ kind, reason, message }: Pick<FailureReport, 'kind' | 'reason' | 'message'>): string | undefined {
  return (reason === undefined ? undefined : BY_REASON[reason]) ?? (kind === 'not-found' ? missing(message) : BY_KIND[kind]);
}
