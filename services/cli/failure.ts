import type { ErrorKind } from '../common/errors.js';
import { EXIT_CODE } from './exit-codes.js';

/** What went wrong, for people and, with -o json, for programs. */
export interface FailureReport {
  readonly kind: ErrorKind;
  readonly message: string;
  /** The worker's own word for it, such as ETAG_MISMATCH. */
  readonly reason?: string;
  /** What is wrong with which field. */
  readonly fields?: readonly { readonly field: string; readonly description: string }[];
  /** Facts of the worker's: step, libvirt's code … */
  readonly facts?: Readonly<Record<string, string>>;
  readonly retryAfterSeconds?: number;
  readonly requestId?: string;
  readonly operation?: string;
  /** What to do about it. */
  readonly advice?: string;
}

/** A command that came to nothing: said on stderr, and the process leaves with its code. */
export class Failure extends Error {
  override readonly name = 'Failure';
  constructor(
    readonly report: FailureReport,
    readonly exitCode: number = EXIT_CODE[report.kind],
    options?: ErrorOptions,
    /** False: no worker was there, so that trying again at once would not help. */
    readonly reached = true,
  ) {
    super(report.message, options);
  }

  /** The same, with what only the caller knew. */
  with(more: Partial<FailureReport>): Failure {
    return new Failure({ ...this.report, ...more }, this.exitCode, { cause: this }, this.reached);
  }
}

/** What was waited for goes on. */
export function stillGoing(exitCode: number, message: string, more: Partial<FailureReport>): Failure {
  return new Failure({ kind: 'timeout', reason: 'STILL_GOING', message, ...more }, exitCode);
}

/** @param message what is wrong; @param advice what would be right */
export function invalid(message: string, advice?: string): Failure {
  return new Failure({ kind: 'invalid', message, ...(advice !== undefined && { advice }) });
}
