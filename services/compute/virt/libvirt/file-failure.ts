import { ComputeError, type ErrorKind } from '../../../common/errors.js';

/** What a failed file operation means for the caller. */
const KINDS: Readonly<Record<string, ErrorKind>> = {
  ENOSPC: 'exhausted',
  EDQUOT: 'exhausted',
  EMFILE: 'exhausted',
  ENFILE: 'exhausted',
  EROFS: 'unavailable',
  EIO: 'unavailable',
  ESTALE: 'unavailable',
  EACCES: 'denied',
  EPERM: 'denied',
};

/** For `catch` behind file operations: rethrows as ComputeError. */
export function fromFileSystem(what: string, step?: string) {
  return (error: unknown): never => {
    if (error instanceof ComputeError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    const details = step === undefined ? {} : { step };
    const way = code === 'EACCES' || code === 'EPERM' ? '; give it to the user that the worker runs as (the host’s operator can)' : '';
    throw new ComputeError((code && KINDS[code]) || 'internal', `${what}: ${message}${way}`, details, { cause: error });
  };
}
