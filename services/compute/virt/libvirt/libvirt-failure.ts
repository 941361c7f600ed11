import { constants } from 'node:os';
import { ComputeError, type ErrorKind } from '../../../common/errors.js';
import { isUsedUp } from './used-up.js';

/** What the binding's libvirtError carries; recognised by shape, so that a test's stand-in is as good. */
export interface LibvirtFailure extends Error {
  readonly code: number;
  readonly domain: number;
  /** libvirt-python's tuple of nine; the eighth is int1, errno with VIR_ERR_SYSTEM_ERROR. */
  readonly err?: readonly unknown[] | null;
}

// virErrorNumber values that decide what the driver does next.
export const VIR_ERR_INVALID_ARG = 8;
export const VIR_ERR_OPERATION_FAILED = 9;
export const VIR_ERR_NO_SUPPORT = 3;
export const VIR_ERR_DOM_EXIST = 28;
export const VIR_ERR_SYSTEM_ERROR = 38;
export const VIR_ERR_NO_DOMAIN = 42;
export const VIR_ERR_OPERATION_INVALID = 55;
export const VIR_ERR_CONFIG_UNSUPPORTED = 67;
export const VIR_ERR_OPERATION_TIMEOUT = 68;
export const VIR_ERR_ARGUMENT_UNSUPPORTED = 74;
export const VIR_ERR_NO_DOMAIN_METADATA = 80;
export const VIR_ERR_OPERATION_UNSUPPORTED = 84;
export const VIR_ERR_AGENT_UNRESPONSIVE = 86;
export const VIR_ERR_RESOURCE_BUSY = 87;
export const VIR_ERR_DEVICE_MISSING = 99;

/**
 * Every virErrorNumber that libvirt 9.0 knows, by what the caller can do about it; the one place where libvirt's words become ours.
 * A number that is not here comes from a newer libvirt and is `internal`.
 */
const KINDS: Readonly<Record<ErrorKind, readonly number[]>> = {
  // XML_ERROR, XML_DETAIL, XML_INVALID_SCHEMA are here although we rendered the XML: a value that the user chose made it bad.
  invalid: [8, 13, 16, 18, 19, 20, 21, 22, 23, 27, 32, 33, 35, 44, 82, 92],
  // NO_KERNEL and the NO_… and INVALID_… of single objects: the thing named is not there.
  'not-found': [17, 42, 43, 49, 50, 53, 57, 62, 66, 72, 80, 99, 101, 103, 104, 107],
  'already-exists': [28, 37, 76, 90, 106],
  conflict: [59, 77, 81, 110],
  // OPERATION_INVALID: the domain is in a state in which this cannot be done.
  precondition: [55, 69, 93, 109],
  // BLOCK_COPY_ACTIVE, RESOURCE_BUSY, and OPERATION_TIMEOUT: somebody else holds the domain's job.
  busy: [68, 83, 87],
  // NO_MEMORY
  exhausted: [2, 25],
  unsupported: [3, 54, 67, 74, 84, 91],
  denied: [29, 45, 79, 88, 94],
  timeout: [],
  cancelled: [78],
  // The way to the hypervisor or to one of its helpers is gone.
  unavailable: [4, 5, 6, 12, 14, 24, 85, 86, 89, 95, 96, 97, 98, 108],
  // SYSTEM_ERROR and RPC are here: where they mean a lost connection, the connection says so.
  internal: [0, 1, 7, 9, 10, 11, 15, 26, 30, 31, 34, 36, 38, 39, 40, 46, 47, 52, 58, 61, 63, 65, 70, 71, 73, 75, 100, 102, 105],
};

const KIND_OF_CODE: ReadonlyMap<number, ErrorKind> = new Map(
  (Object.keys(KINDS) as ErrorKind[]).flatMap((kind) => KINDS[kind].map((code) => [code, kind] as const)),
);

/** The kind for a virErrorNumber, or undefined when libvirt 9.0 has no such number. */
export function kindOfCode(code: number): ErrorKind | undefined {
  return KIND_OF_CODE.get(code);
}

export function isLibvirtFailure(thrown: unknown): thrown is LibvirtFailure {
  return thrown instanceof Error && thrown.name === 'libvirtError' && typeof (thrown as Partial<LibvirtFailure>).code === 'number';
}

/** The failure of one libvirt call in our words. `alive` false: the connection is gone, whatever the number says. */
export function libvirtFailed(what: string, thrown: unknown, fn: string, alive = true): ComputeError {
  if (thrown instanceof ComputeError) return thrown;
  if (!isLibvirtFailure(thrown)) {
    const words = thrown instanceof Error ? thrown.message : String(thrown);
    return new ComputeError('internal', `${what}: ${words}`, {}, { cause: thrown });
  }
  const kind = alive ? kindOf(thrown) : 'unavailable';
  const libvirt = { code: thrown.code, domain: thrown.domain, function: fn };
  return new ComputeError(kind, `${what}: ${thrown.message}`, { libvirt }, { cause: thrown });
}

/** libvirt itself lacks a right, as one that is no root's for making network devices; at the end, where libvirt puts the C library's words. */
const NOT_PERMITTED = /: Operation not permitted$/m;

/** By number and, where the number says nothing, by words. */
function kindOf({ code, message, err }: LibvirtFailure): ErrorKind {
  const kind = kindOfCode(code) ?? 'internal';
  if (kind !== 'internal') return kind;
  const int1 = err?.[7];
  const errno = code === VIR_ERR_SYSTEM_ERROR && typeof int1 === 'number' ? int1 : undefined;
  if (isUsedUp(message, errno)) return 'exhausted';
  return errno === constants.errno.EPERM || NOT_PERMITTED.test(message) ? 'denied' : kind;
}

/** libvirt's number behind an error of ours; undefined when libvirt did not say no. */
export function libvirtCode(error: unknown): number | undefined {
  return error instanceof ComputeError ? error.details.libvirt?.code : undefined;
}
