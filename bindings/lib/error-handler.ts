import type { LibvirtErrorTuple } from './libvirt-error.js';

/** Told of every error that libvirt raises: handler(ctx, err). */
export type ErrorHandler<T> = (ctx: T, err: LibvirtErrorTuple) => unknown;

let handler: ((err: LibvirtErrorTuple) => unknown) | null = null;

export function setErrorHandler(next: ((err: LibvirtErrorTuple) => unknown) | null): void {
  handler = next;
}

/** The addon's hook: in the order in which the errors were raised, whatever thread raised them. */
export function errorRaised(err: LibvirtErrorTuple | null): void {
  if (err !== null) handler?.(err);
}
