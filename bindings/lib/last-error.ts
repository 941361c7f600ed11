import type { LibvirtErrorTuple } from './libvirt-error.js';

// In C the last error belongs to a thread. Here calls run on many, so it is that of the latest call to be settled in this environment: advisory.
let last: LibvirtErrorTuple | null = null;

/** Remembers the outcome of a call that was just settled. */
export function noteLastError(err: LibvirtErrorTuple | null): void {
  last = err;
}

/** The error of the call that failed last in this JavaScript environment; null when none has, or a later call succeeded. */
export function lastError(): LibvirtErrorTuple | null {
  return last;
}
