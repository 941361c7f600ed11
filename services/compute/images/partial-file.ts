import { readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import { readRecord, removeFile, writeRecord } from './cache-files.js';

/** What tells one state of a URL's content from another. */
export const Validators = z.object({ etag: z.string().optional(), lastModified: z.string().optional() });
export type Validators = z.infer<typeof Validators>;

const PartialRecord = Validators.extend({ boot: z.string() });

export function validatorsOf({ etag, 'last-modified': lastModified }: IncomingHttpHeaders): Validators {
  return { ...(etag !== undefined && { etag }), ...(lastModified !== undefined && { lastModified }) };
}

/** What If-Range may name: a weak ETag says too little to join two halves (RFC 9110, 13.1.5). */
export function rangeValidator({ etag, lastModified }: Validators): string | undefined {
  return etag !== undefined && !etag.startsWith('W/') ? etag : lastModified;
}

/**
 * A download that has not come to its end, and what it is of. It survives the worker; a crash of the host may leave holes in it that look like
 * bytes, so then it counts only where the whole is checked against a digest in the end.
 */
export class PartialFile {
  constructor(
    readonly file: string,
    private readonly wholeIsChecked: boolean,
  ) {}

  /** What can be gone on with; null: begin anew. */
  async resumable(): Promise<{ readonly bytes: number; readonly validators: Validators } | null> {
    const record = await readRecord(`${this.file}.json`, PartialRecord);
    const bytes = await stat(this.file).then(
      ({ size }) => size,
      () => 0,
    );
    if (!record || bytes === 0) return null;
    const { boot, ...validators } = record;
    if (this.wholeIsChecked) return { bytes, validators };
    return boot === bootId() && rangeValidator(validators) !== undefined ? { bytes, validators } : null;
  }

  begin(validators: Validators): Promise<void> {
    return writeRecord(`${this.file}.json`, { ...validators, boot: bootId() });
  }

  /** Forgets what it was of, once the file has another name. */
  forget(): Promise<void> {
    return removeFile(`${this.file}.json`);
  }

  async remove(): Promise<void> {
    await removeFile(this.file);
    await this.forget();
  }
}

let known: string | undefined;

/** Another one after every boot of the host. */
function bootId(): string {
  known ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return known;
}
