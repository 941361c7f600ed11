import type { Readable, Writable } from 'node:stream';
import type { ClientVariable } from '../common/client-variables.js';

/** Where people or programs read: a terminal, or not. */
export interface Output extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** What the command line has around it. Nothing but the binary reaches for `process`. */
export interface Surroundings {
  readonly stdin: Readable;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: { readonly [name in ClientVariable]?: string | undefined };
  /** Aborted by SIGINT or SIGTERM. */
  readonly interrupted: AbortSignal;
}
