import { addCredentialRequest, answersOf, forgetCredentialRequest, type Credential, type CredentialCallback } from '../credentials.js';
import { setErrorHandler, type ErrorHandler } from '../error-handler.js';
import { settleObject } from '../handle.js';
import { lastError, noteLastError } from '../last-error.js';
import type { LibvirtErrorTuple } from '../libvirt-error.js';
import { native } from '../native.js';
import type { PoolStats } from '../native-by-hand.js';
import type { virConnect } from '../../generated/classes/virConnect.js';

/** [credential types (VIR_CRED_...) that the callback can answer, the callback, what it is handed as opaque] */
export type Auth<T> = [credtypes: readonly number[], cb: CredentialCallback<T> | null, opaque: T];

/**
 * Opens a connection, asking for credentials where the daemon wants them.
 * @param uri null for libvirt's default
 * @param auth which credentials can be given, and by whom. The callback writes each answer into the last place of its credential and
 *   returns 0, or -1 to give up; it may return a promise. What it throws is what openAuth rejects with.
 * @param flags bitwise-OR of VIR_CONNECT_RO, VIR_CONNECT_NO_ALIASES
 * @throws libvirtError
 * @see virConnectOpenAuth, since libvirt 0.4.0
 */
export async function openAuth<T = unknown>(uri: string | null, auth: Auth<T>, flags = 0): Promise<virConnect> {
  const [credtypes, cb, opaque] = checkedAuth(auth);
  if (cb === null) return settleObject('virConnect', null, native.virConnectOpenAuth(uri, credtypes, -1, flags));
  let thrown: { error: unknown } | null = null;
  const request = addCredentialRequest(async (credentials: Credential[]) => {
    try {
      const count = credentials.length;
      return (await cb(credentials, opaque)) === 0 ? answersOf(credentials, count) : null;
    } catch (error) {
      thrown = { error };
      return null;
    }
  });
  try {
    return await settleObject('virConnect', null, native.virConnectOpenAuth(uri, credtypes, request, flags));
  } catch (error) {
    throw (thrown as { error: unknown } | null)?.error ?? error;
  } finally {
    forgetCredentialRequest(request);
  }
}

function checkedAuth<T>(auth: unknown): Auth<T> {
  const right =
    Array.isArray(auth) &&
    auth.length === 3 &&
    Array.isArray(auth[0]) &&
    auth[0].every((type) => Number.isInteger(type)) &&
    (auth[1] === null || typeof auth[1] === 'function');
  if (!right) throw new TypeError('virConnectOpenAuth: auth must be [credential types, callback or null, opaque]');
  return auth as unknown as Auth<T>;
}

/**
 * The version of libvirt, as major * 1000000 + minor * 1000 + release.
 * @throws libvirtError
 * @see virGetVersion, since libvirt 0.0.3
 */
export function getVersion(name?: null): number;
/**
 * The version of libvirt and that of a driver, each as major * 1000000 + minor * 1000 + release.
 * @param name such as 'QEMU'
 * @throws libvirtError
 * @see virGetVersion, since libvirt 0.0.3
 */
export function getVersion(name: string): [library: number, driver: number];
export function getVersion(name: string | null = null): number | [library: number, driver: number] {
  return native.virGetVersion(name);
}

/**
 * Nothing to do: the event loop is a thread of the addon's own, registered before the first connection is opened.
 * @returns 0
 */
export function virEventRegisterDefaultImpl(): number {
  return 0;
}

/**
 * Nothing to do but to let other work run: the event loop runs by itself.
 * @returns 0
 */
export function virEventRunDefaultImpl(): Promise<number> {
  return new Promise((resolve) => setImmediate(resolve, 0));
}

/** The error of the call that failed last in this JavaScript environment; null when none has, or a later call succeeded. Advisory: a rejection has its own. */
export function virGetLastError(): LibvirtErrorTuple | null {
  return lastError();
}

/** Its code, one of VIR_ERR_...; 0 when there is none. */
export function virGetLastErrorCode(): number {
  return lastError()?.[0] ?? 0;
}

/** Its domain, one of VIR_FROM_...; 0 when there is none. */
export function virGetLastErrorDomain(): number {
  return lastError()?.[1] ?? 0;
}

/** Its message; "no error" when there is none. */
export function virGetLastErrorMessage(): string {
  const err = lastError();
  return err === null ? 'no error' : (err[2] ?? 'unknown error');
}

/** Forgets it. */
export function virResetLastError(): void {
  noteLastError(null);
}

/**
 * Has `f` called for every error that libvirt raises, also for those that become rejections: later, in the order in which they were raised,
 * whatever thread raised them. It does not keep the process. Without a handler nothing is printed, unlike in libvirt-python.
 * @param f called as f(ctx, err); null to have libvirt print its errors to stderr, as it does by itself; one handler at a time
 * @returns 1
 * @see virSetErrorFunc, since libvirt 0.1.0
 */
export function registerErrorHandler<T = undefined>(f: ErrorHandler<T> | null, ctx?: T): number {
  if (f !== null && typeof f !== 'function') throw new TypeError('virSetErrorFunc: f must be a function or null');
  setErrorHandler(f === null ? null : (err) => f(ctx as T, err));
  native.virSetErrorFunc(f !== null);
  return 1;
}

/** The threads on which libvirt's calls run, and the calls that wait for them: for metrics. The whole process's. */
export function poolStats(): PoolStats {
  return native.poolStats();
}

/**
 * Whether the 64-bit integers that calls give are numbers (rounded above 2^53; this is how it begins) or bigints (exact). Holds for this
 * JavaScript environment, from now on; versions and other small numbers stay numbers. For the types, see Int64Mode.
 * @throws RangeError for anything but the two
 */
export function setInt64Mode(mode: 'number' | 'bigint'): void {
  if (mode !== 'number' && mode !== 'bigint') throw new RangeError(`setInt64Mode: mode must be 'number' or 'bigint', not ${String(mode)}`);
  native.setBigint(mode === 'bigint');
}
