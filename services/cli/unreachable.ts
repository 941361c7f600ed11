import type { ServiceError } from '@grpc/grpc-js';
import { shownAddress, type Address } from './address.js';
import { Failure } from './failure.js';

const OTHER_ADDRESS = 'another address is given with --address or NOVALET_GRPC_ADDRESS';

/** A call that never came to a worker, or whose worker went away: by the system's word for it, what to look at. */
export function unreachable(error: ServiceError, address: Address): Failure {
  const where = shownAddress(address);
  const said = error.details || error.message;
  const failure = (kind: 'unavailable' | 'denied', message: string, advice: string, reached = false): Failure =>
    new Failure({ kind, message, advice }, undefined, { cause: error }, reached);
  if (/EACCES|EPERM/.test(said)) {
    return failure(
      'denied',
      `${where} is not open to this user`,
      'Run it as a user or in a group that may use the socket (ls -l shows which), or with sudo.',
    );
  }
  if (/ENOENT/.test(said))
    return failure(
      'unavailable',
      `no worker listens at ${where}`,
      `Is it running on this host (novalet compute)? If so, ${OTHER_ADDRESS}.`,
    );
  if (/ECONNREFUSED/.test(said)) return failure('unavailable', `no worker answers at ${where}`, `Is it running? If so, ${OTHER_ADDRESS}.`);
  if (/ENOTFOUND|EAI_AGAIN|Name resolution failed/.test(said))
    return failure('unavailable', `${where}: there is no such host`, `Look at the name; ${OTHER_ADDRESS}.`);
  if (/certificate|self.signed|SSL|TLS|altname|EPROTO/i.test(said)) {
    return failure(
      'denied',
      `${where}: no trust by TLS: ${said}`,
      'Give the authority of its certificate with --ca, the name in it with --server-name, and your own with --cert and --key.',
      !said.includes('certificate'),
    );
  }
  // A worker that stops or is away refuses the connection; this one took it, and ended it before a word.
  if (address.kind === 'tcp' && /No connection established/.test(said) && !/\bE[A-Z]{3,}\b/.test(said)) {
    return failure(
      'denied',
      `${where}: the worker ends the connection before a word`,
      'It asks for a certificate of an authority that it knows: look at --cert and --key. Or it has as many connections as it takes.',
      true,
    );
  }
  return failure(
    'unavailable',
    `${where}: ${said}`,
    'It may be starting or stopping: try again, with the same --request-id if you gave one.',
    true,
  );
}
