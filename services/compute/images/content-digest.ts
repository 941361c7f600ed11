import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { ProgressListener } from '../ports.js';

/** Large enough to be quick, small enough to hold nobody else up. */
const PIECE = 512 * 1024;

/** Adds what a file holds to a digest; gives how many bytes there were. */
export async function hashInto(
  hash: Hash,
  file: string,
  signal: AbortSignal,
  onProgress?: ProgressListener,
  totalBytes?: number,
): Promise<number> {
  let bytes = 0;
  for await (const piece of createReadStream(file, { highWaterMark: PIECE, signal }) as AsyncIterable<Buffer>) {
    hash.update(piece);
    bytes += piece.length;
    onProgress?.({ phase: 'verify', bytes, ...(totalBytes !== undefined && { totalBytes }) });
  }
  return bytes;
}

/** sha256 of a file's bytes, in hexadecimal. */
export async function digestOf(file: string, signal: AbortSignal, onProgress?: ProgressListener, totalBytes?: number): Promise<string> {
  const hash = createHash('sha256');
  await hashInto(hash, file, signal, onProgress, totalBytes);
  return hash.digest('hex');
}
