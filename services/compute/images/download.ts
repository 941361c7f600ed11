import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { ComputeError } from '../../common/errors.js';
import { backOffMs } from '../back-off.js';
import type { ProgressListener } from '../ports.js';
import { shownUrl } from './allowed-hosts.js';
import { hashInto } from './content-digest.js';
import { httpGet, type HttpOptions } from './http-get.js';
import { imageError } from './image-error.js';
import { type PartialFile, rangeValidator, type Validators, validatorsOf } from './partial-file.js';

export interface Download {
  readonly url: URL;
  /** The field that names it, for errors. */
  readonly what: string;
  readonly partial: PartialFile;
  /** Digest that the whole must have. */
  readonly sha256?: string | undefined;
  /** What was got before: nothing is fetched when it is still so. */
  readonly known?: Validators | undefined;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  readonly onProgress: ProgressListener;
  /** Told what went wrong before another attempt. */
  onTrouble(why: string): void;
  /** Sees to it that the cache has room for so many bytes in all. */
  reserve(bytes: number): Promise<void>;
  /** Makes room on a full disk; gives whether there is more now. */
  relieve(): Promise<boolean>;
  /** Told of bytes as they come from the network. */
  onFetched(bytes: number): void;
  /** Told when the whole has another digest than it must have. */
  onMismatch(): void;
}

export interface Downloaded {
  readonly sha256: string;
  readonly validators: Validators;
}

/** Attempts one after the other that bring not one byte more, after which nobody believes in the next. */
const FRUITLESS = 3;
const RETRY = { firstMs: 100, maxMs: 5000 };
/** Of a body whose length nobody knows, room is asked for in such pieces. */
const RESERVE_STEP = 64 * 1024 * 1024;

/** Too few bytes come to be worth the place that it takes. */
class TooSlow extends Error {}

/** The content begins anew: what is here does not go together with what the server has. */
class BeginAnew extends Error {}

/**
 * Fetches a URL into its partial file, over as many broken connections as it takes, and goes on where an earlier attempt, also of an earlier
 * process, was cut off. Null: what was known is still so.
 * @throws ComputeError; what has come stays for the next attempt, except when it can be of no use
 */
export async function download(wish: Download, http: HttpOptions): Promise<Downloaded | null> {
  const { signal, partial, what, url } = wish;
  let fruitless = 0;
  for (let attempt = 1; ; attempt++) {
    const before = (await partial.resumable())?.bytes ?? 0;
    try {
      return await fetchRest(wish, http);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof BeginAnew) await partial.remove();
      else if (isFull(error) && (await wish.relieve())) continue;
      else if (isFull(error)) {
        await partial.remove(); // a full disk hurts everybody on the host
        throw imageError('exhausted', what, 'the disk of the image cache is full; make room, or lower NOVALET_IMAGE_CACHE_BYTES', error);
      } else if (error instanceof ComputeError && error.kind !== 'unavailable') throw error;
      const after = (await partial.resumable())?.bytes ?? 0;
      // What dribbles brings bytes each time, and would go on for ever.
      fruitless = after > before && !(error instanceof TooSlow) ? 0 : fruitless + 1;
      wish.onTrouble(whyOf(what, error));
      if (fruitless >= FRUITLESS) throw notFetched(what, url, after, error);
      await sleep(backOffMs(RETRY, fruitless + 1), undefined, { signal });
    }
  }
}

async function fetchRest(wish: Download, http: HttpOptions): Promise<Downloaded | null> {
  const { url, what, partial, known, signal, sha256 } = wish;
  const earlier = await partial.resumable();
  const answer = await httpGet(url, earlier ? rangeHeaders(earlier) : conditionHeaders(known), what, signal, http);
  try {
    if (answer.statusCode === 304 && !earlier && known) return null;
    if (answer.statusCode === 416) throw new BeginAnew(`${shownUrl(url)} has less than what is here`);
    if (answer.statusCode !== 200 && answer.statusCode !== 206) throw refused(what, url, answer);
    refuseEncoded(what, url, answer);
    const from = answer.statusCode === 206 ? offsetOf(answer, earlier) : 0;
    const total = lengthOf(answer, from);
    if (total === null && sha256 === undefined && answer.headers['transfer-encoding'] === undefined) {
      throw imageError('invalid', what, `${shownUrl(url)} does not say how long it is; give its sha256, that its end can be told`);
    }
    const validators = from > 0 && earlier ? earlier.validators : validatorsOf(answer.headers);
    const got = await keep(answer, wish, { from, total, validators }, new Pace(http));
    if (sha256 === undefined || got === sha256) return { sha256: got, validators };
    wish.onMismatch();
    if (from > 0) throw new BeginAnew('what was joined has not the digest that it should have');
    await partial.remove();
    throw imageError('invalid', what, `${shownUrl(url)} has the sha256 ${got}, and ${sha256} was asked for`);
  } finally {
    answer.destroy();
  }
}

/** Writes the body behind what is there. Gives the digest of the whole. */
async function keep(
  answer: IncomingMessage,
  wish: Download,
  { from, total, validators }: { from: number; total: number | null; validators: Validators },
  pace: Pace,
): Promise<string> {
  const { partial, what, maxBytes, signal, onProgress } = wish;
  if (total !== null && total > maxBytes) throw await tooLarge(wish, `${total} bytes`);
  await wish.reserve(total ?? RESERVE_STEP);
  const hash = createHash('sha256');
  if (from === 0) await partial.begin(validators);
  const handle = await open(partial.file, from === 0 ? 'w' : 'r+', 0o600);
  try {
    if (from > 0) await rehash(hash, wish, from, handle);
    const totalBytes = total === null ? {} : { totalBytes: total };
    let bytes = from;
    let reserved = RESERVE_STEP;
    pace.begin();
    for await (const piece of answer as AsyncIterable<Buffer>) {
      pace.add(piece.length);
      if (bytes + piece.length > maxBytes) throw await tooLarge(wish, `more than ${maxBytes} bytes`);
      if (total === null && bytes + piece.length > reserved) await wish.reserve((reserved += RESERVE_STEP));
      await writeAll(handle, piece, bytes);
      hash.update(piece);
      bytes += piece.length;
      wish.onFetched(piece.length);
      onProgress({ phase: 'download', bytes, ...totalBytes });
      signal.throwIfAborted();
    }
    if (total !== null && bytes !== total) throw imageError('unavailable', what, `the connection ended after ${bytes} of ${total} bytes`);
    await handle.datasync();
    return hash.digest('hex');
  } finally {
    await handle.close();
  }
}

/** Sees that enough comes, besides that something does. */
class Pace {
  private since = 0;
  private bytes = 0;

  constructor(private readonly options: Pick<HttpOptions, 'stallMs' | 'leastBytes'>) {}

  begin(): void {
    this.since = performance.now();
    this.bytes = 0;
  }

  /** @throws TooSlow */
  add(bytes: number): void {
    const { stallMs, leastBytes } = this.options;
    this.bytes += bytes;
    if (performance.now() - this.since < stallMs) return;
    if (this.bytes < leastBytes)
      throw new TooSlow(`no more than ${this.bytes} bytes came in ${stallMs / 1000} s; ${leastBytes} are the least`);
    this.begin();
  }
}

async function rehash(hash: Hash, { partial, signal, onProgress }: Download, from: number, handle: FileHandle): Promise<void> {
  await handle.truncate(from);
  if ((await hashInto(hash, partial.file, signal, onProgress, from)) !== from) throw new BeginAnew('what was here has changed');
}

/** The kernel may take less than was given when the disk is nearly full. */
async function writeAll(handle: FileHandle, piece: Buffer, position: number): Promise<void> {
  for (let done = 0; done < piece.length;) {
    const { bytesWritten } = await handle.write(piece, done, piece.length - done, position + done);
    done += bytesWritten;
  }
}

function rangeHeaders({ bytes, validators }: { bytes: number; validators: Validators }): Record<string, string> {
  const validator = rangeValidator(validators);
  return { range: `bytes=${bytes}-`, ...(validator !== undefined && { 'if-range': validator }) };
}

function conditionHeaders(known: Validators | undefined): Record<string, string> {
  if (known?.etag !== undefined) return { 'if-none-match': known.etag };
  return known?.lastModified === undefined ? {} : { 'if-modified-since': known.lastModified };
}

/** Where the part that came begins. */
function offsetOf({ headers }: IncomingMessage, earlier: { bytes: number; validators: Validators } | null): number {
  const [, from] = /^bytes (\d+)-\d+\/(?:\d+|\*)$/.exec(headers['content-range'] ?? '') ?? [];
  if (!earlier || from === undefined || Number(from) !== earlier.bytes) throw new BeginAnew('another part came than was asked for');
  const { etag } = earlier.validators;
  if (etag !== undefined && headers.etag !== undefined && headers.etag !== etag) throw new BeginAnew('the rest is of something else');
  return earlier.bytes;
}

/** Bytes of the whole; null when the server does not say. */
function lengthOf({ headers }: IncomingMessage, from: number): number | null {
  const length = headers['content-length'];
  return length !== undefined && /^\d+$/.test(length) ? from + Number(length) : null;
}

/** Packed for the way, it would be unpacked without a limit, and the digest would be of something else. */
function refuseEncoded(what: string, url: URL, { headers }: IncomingMessage): void {
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity')
    throw imageError('invalid', what, `${shownUrl(url)} comes with the content encoding ${encoding.slice(0, 40)}`);
}

async function tooLarge({ partial, what, url, maxBytes }: Download, how: string): Promise<ComputeError> {
  await partial.remove();
  return imageError('invalid', what, `${shownUrl(url)} has ${how}, and this host takes images of ${maxBytes} (NOVALET_IMAGE_MAX_BYTES)`);
}

function refused(what: string, url: URL, { statusCode = 0 }: IncomingMessage): ComputeError {
  const message = `${shownUrl(url)} answers ${statusCode}`;
  if (statusCode === 404 || statusCode === 410) return imageError('not-found', what, message);
  if (statusCode === 401 || statusCode === 403) return imageError('denied', what, message);
  return imageError(statusCode >= 500 || statusCode === 429 || statusCode === 408 ? 'unavailable' : 'invalid', what, message);
}

const isFull = (error: unknown): boolean => ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '');

const whyOf = (what: string, error: unknown): string => (error instanceof Error ? error.message.replace(`${what}: `, '') : String(error));

function notFetched(what: string, url: URL, bytes: number, error: unknown): ComputeError {
  const why = whyOf(what, error);
  const kept = bytes > 0 ? `; ${bytes} bytes are kept, and the next attempt goes on there` : '';
  return imageError('unavailable', what, `${shownUrl(url)} cannot be fetched: ${why}${kept}`, error);
}
