/** The closed list of what can go wrong, named after what the caller can do about it. */
export const ERROR_KINDS = [
  'invalid',
  'not-found',
  'already-exists',
  'conflict',
  'precondition',
  'busy',
  'exhausted',
  'unsupported',
  'denied',
  'timeout',
  'cancelled',
  'unavailable',
  'internal',
] as const;

export type ErrorKind = (typeof ERROR_KINDS)[number];

/** What a caller may want to know beyond kind and message; every field is optional because not every failure has it. */
export interface ErrorDetails {
  /** The field of the request that is wrong, as a path: `instance.disks[0].image`. */
  readonly field?: string;
  /** The step of the work that failed: `disks`, `define`, `start` … */
  readonly step?: string;
  /** libvirt's own numbers (virErrorNumber, virErrorDomain), where libvirt said no. */
  readonly libvirt?: { readonly code: number; readonly domain: number; readonly function?: string };
  /** What the failed attempt took away again. */
  readonly cleanedUp?: readonly string[];
  /** What it had to leave behind, for a person or a later destroy. */
  readonly leftovers?: readonly string[];
}

/** A failure whose kind tells the caller what to do about it. */
export class ComputeError extends Error {
  override readonly name = 'ComputeError';
  constructor(
    readonly kind: ErrorKind,
    message: string,
    readonly details: ErrorDetails = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Whatever was thrown, as a ComputeError: a stranger becomes `internal`, with itself as the cause. */
export function asComputeError(thrown: unknown): ComputeError {
  if (thrown instanceof ComputeError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new ComputeError('internal', message, {}, { cause: thrown });
}
