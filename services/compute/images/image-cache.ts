import { stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { ComputeError } from '../../common/errors.js';
import { ImageFacts, type ImageFormat, type RemoteImage } from '../../common/messages/images.js';
import { fromFileSystem } from '../virt/libvirt/file-failure.js';
import type { ImageInfo, ImageInfos } from '../virt/libvirt/image-info.js';
import { AllowedHosts, shownUrl } from './allowed-hosts.js';
import { CacheFiles, keyOf, readRecord, removeFile, writeRecord } from './cache-files.js';
import { CacheRoom } from './cache-room.js';
import { digestOf } from './content-digest.js';
import { convertToQcow2 } from './convert.js';
import { download } from './download.js';
import { Flights, type Crew, type Passenger } from './flights.js';
import type { HttpOptions } from './http-get.js';
import { imageError, named, UNNAMED } from './image-error.js';
import { Leases } from './leases.js';
import type { ImageCacheMetrics } from './metrics.js';
import { PartialFile, Validators } from './partial-file.js';
import { refuseDoubtfulRaw } from './raw-doubt.js';
import { VerifiedImages } from './verified-images.js';

export interface ImageCacheOptions {
  readonly stateDir: string;
  readonly hosts: readonly string[];
  readonly ca?: Buffer | undefined;
  /** Bound of all that is kept. */
  readonly limitBytes: number;
  /** Largest image that is fetched. */
  readonly maxImageBytes: number;
  readonly infos: ImageInfos;
  readonly metrics: ImageCacheMetrics;
  readonly warn: (what: string) => void;
  /** Longest time without a byte from a server. Default 30 s. */
  readonly stallMs?: number;
  /** Fewest bytes that must come from a server in so long a time. Default 512 KiB. */
  readonly leastBytes?: number;
  /** Room on the disk that no image gets. Default 0. */
  readonly diskReserveBytes?: number | undefined;
}

/** Somebody who needs an image. */
export interface ImageRequest extends Passenger {
  /** The field that names it. */
  readonly what: string;
  /** All bytes of what is here are read again. */
  readonly thorough?: boolean | undefined;
}

/** An image that stays where it is until it is released. */
export interface HeldImage {
  readonly file: string;
  readonly format: 'qcow2' | 'raw';
  readonly virtualSizeBytes: number;
  readonly sizeBytes: number;
  /** What it came from. */
  readonly facts: ImageFacts;
  /** It was not here before. */
  readonly fetched: boolean;
  readonly release: () => void;
}

/** What a source came to: the image in the cache, and the digest and format of what it was made of. */
const SourceRecord = ImageFacts.extend({ image: z.string() }).extend(Validators.shape);
type Source = z.infer<typeof SourceRecord>;

/** An image that is used as it came has its format from itself. */
type Named = Pick<Source, 'image' | 'sha256'> & Partial<Pick<Source, 'format'>>;

interface Arrival extends Source {
  readonly fetched: boolean;
}

/** What a full disk is given back at a time. */
const RELIEF_BYTES = 1024 ** 3;
/** Sources whose last trouble is remembered. */
const TROUBLES = 64;
/** Times that an image may go away between being here and being used; more is no accident. */
const ROUNDS = 3;

/** Images by the digest of their bytes, fetched once, whole whenever they are used, and bounded in size together. */
export class ImageCache {
  readonly files: CacheFiles;
  readonly verified: VerifiedImages;
  private readonly http: HttpOptions;
  private readonly leases = new Leases();
  private readonly room: CacheRoom;
  private readonly fetches = new Flights<Arrival>();
  /** What kept the last attempt at a source: the one that comes too late has it to tell. */
  private readonly troubles = new Map<string, string>();

  constructor(private readonly options: ImageCacheOptions) {
    const {
      stateDir,
      hosts,
      ca,
      infos,
      metrics,
      limitBytes,
      warn,
      stallMs = 30_000,
      leastBytes = 512 * 1024,
      diskReserveBytes = 0,
    } = options;
    this.files = new CacheFiles(stateDir);
    this.verified = new VerifiedImages({ files: this.files, infos, metrics, warn });
    this.http = { hosts: new AllowedHosts(hosts), ca, stallMs, leastBytes };
    const instancesRoot = path.join(path.resolve(stateDir), 'instances');
    this.room = new CacheRoom({ files: this.files, leases: this.leases, limitBytes, diskReserveBytes, instancesRoot, metrics });
    this.room.tell().catch(() => {});
  }

  /**
   * The image that a URL gives, fetched where it has to be. With a digest nobody is asked when it is here; without one the server is asked
   * whether it is still the same.
   */
  async use(image: RemoteImage, request: ImageRequest): Promise<HeldImage> {
    const { sha256 } = image;
    const url = this.http.hosts.check(image.url, `${request.what}.url`);
    const source = sha256 === undefined ? `url:${url.href}` : `sha256:${sha256}`;
    const { passenger, soFar } = observed(request, url, this.troubles, source);
    const held = await this.settle(request, async (round) => {
      if (sha256 !== undefined) {
        const here = await this.holdSource(await this.byDigest(sha256), round > 1, request);
        if (here) return here;
      }
      const arrival = await this.fetches.join(source, passenger, (crew) => this.fetch(url, sha256, source, crew));
      return this.holdSource(arrival, arrival.fetched, request);
    }).catch((error: unknown) => {
      throw soFar(error);
    });
    if (held.facts.format === 'raw' && image.format === undefined && sha256 === undefined) {
      await refuseDoubtfulRaw(held.file, request.what).catch((error: unknown) => {
        held.release();
        throw error;
      });
    }
    this.troubles.delete(source);
    if (!held.fetched) this.options.metrics.hit();
    if (image.format === undefined || image.format === held.facts.format) return held;
    held.release();
    throw imageError('invalid', `${request.what}.format`, `the image is ${held.facts.format} and not ${image.format}`);
  }

  /** The qcow2 image made of a file of the host's that QEMU shall not use as it is. */
  async convert(file: string, { format, virtualSizeBytes }: ImageInfo, request: ImageRequest): Promise<HeldImage> {
    const { dev, ino, size, mtimeNs } = await stat(file, { bigint: true });
    const source = `file:${dev}:${ino}:${size}:${mtimeNs}:${file}`;
    return this.settle(request, async () => {
      const here = await this.holdSource(await this.recall(source), false, request);
      if (here) return here;
      const arrival = await this.fetches.join(source, request, async (crew) => {
        await this.files.prepare();
        const digest = await digestOf(file, crew.signal, crew.onProgress, Number(size));
        const image = await this.storeConverted(file, digest, { format, virtualSizeBytes }, crew);
        return this.arrived(source, { image, sha256: digest, format }, true);
      });
      return this.holdSource(arrival, true, request);
    });
  }

  /**
   * Sees to it that a guest does not boot from what is not there or is not what it was.
   * @param bases files that overlays are made over; those that are not the cache's must only exist
   * @throws precondition naming the file
   */
  async checkBases(bases: readonly string[], passenger: Passenger): Promise<void> {
    for (const file of bases) {
      const name = path.basename(file);
      const ours = path.dirname(file) === this.files.images && this.files.isImage(name);
      const there = ours ? (await this.verified.use(name, passenger)) !== null : (await stat(file).catch(() => null)) !== null;
      if (there) continue;
      const mend = ours ? 'send an image.prefetch with its URL and this sha256' : 'put the file there again';
      throw new ComputeError(
        'precondition',
        `its disk stands on ${ours ? `the image ${name}` : file}, which is gone or was changed; ${mend}`,
      );
    }
  }

  private async settle(request: ImageRequest, attempt: (round: number) => Promise<HeldImage | null>): Promise<HeldImage> {
    try {
      for (let round = 1; round <= ROUNDS; round++) {
        const held = await attempt(round);
        if (held) return held;
      }
    } catch (error) {
      request.signal.throwIfAborted();
      if (error instanceof ComputeError) throw named(error, request.what);
      fromFileSystem(`${request.what}: image cache`)(error);
    }
    throw imageError('unavailable', request.what, 'the image was taken out of the cache as soon as it was there; try again');
  }

  /** Takes the lease at once, before anything is waited for, so that what is here stays here. */
  private async holdSource(source: Named | null, fetched: boolean, request: ImageRequest): Promise<HeldImage | null> {
    if (!source) return null;
    const { image, sha256, format } = source;
    const release = this.leases.take(image);
    try {
      const found = await this.verified.use(image, { ...request, thorough: request.thorough === true && !fetched });
      if (found) {
        const { sizeBytes, virtualSizeBytes } = found;
        const kept = found.format === 'qcow2' ? 'qcow2' : 'raw'; // nothing else becomes an image of the cache
        const facts = { sha256, format: format ?? found.format };
        return { file: this.files.image(image), format: kept, virtualSizeBytes, sizeBytes, facts, fetched, release };
      }
    } catch (error) {
      release();
      throw error;
    }
    release();
    return null;
  }

  /** What stands for a digest: the image that was made of it, or else the one of that name. */
  private async byDigest(sha256: string): Promise<Named> {
    return (await this.recall(`sha256:${sha256}`)) ?? { image: sha256, sha256 };
  }

  private recall(source: string): Promise<Source | null> {
    return readRecord(this.files.source(source), SourceRecord);
  }

  /** One download, for all who wait for it. */
  private async fetch(url: URL, sha256: string | undefined, source: string, crew: Crew): Promise<Arrival> {
    const { files, room } = this;
    const { metrics, maxImageBytes } = this.options;
    await files.prepare();
    const earlier = await this.recall(source);
    const known = sha256 === undefined && earlier && (await this.verified.use(earlier.image, crew)) ? earlier : undefined;
    const name = keyOf(`${url.href} ${sha256 ?? ''}`);
    const partial = new PartialFile(files.partialOf(name), sha256 !== undefined);
    room.hold(name);
    try {
      const got = await download(
        {
          url,
          what: UNNAMED,
          partial,
          sha256,
          known,
          maxBytes: maxImageBytes,
          ...crew,
          reserve: (bytes) => room.reserve(name, bytes, crew.signal),
          relieve: () => room.relieve(RELIEF_BYTES, crew.signal),
          onFetched: (bytes) => metrics.fetched(bytes),
          onMismatch: () => metrics.verificationFailed(),
          onTrouble: (why) => this.noteTrouble(source, why),
        },
        this.http,
      );
      if (!got && known) return { ...known, fetched: false };
      if (!got) throw imageError('unavailable', UNNAMED, 'the server says that nothing has changed, and nothing is here');
      metrics.miss();
      const stored = await this.store(partial, got.sha256, crew);
      return await this.arrived(sha256 === undefined ? source : null, { ...stored, ...got.validators }, true);
    } finally {
      room.release(name);
      await room.tell();
    }
  }

  private noteTrouble(source: string, why: string): void {
    this.troubles.delete(source);
    this.troubles.set(source, why);
    if (this.troubles.size > TROUBLES) this.troubles.delete(this.troubles.keys().next().value as string);
  }

  /** Leases what has come for as long as those who wait for it need to take leases of their own, which they do at once. */
  private async arrived(source: string | null, record: Source, fetched: boolean): Promise<Arrival> {
    const release = this.leases.take(record.image);
    try {
      if (source !== null) await writeRecord(this.files.source(source), record);
      return { ...record, fetched };
    } finally {
      setImmediate(release);
    }
  }

  /** Makes a whole file an image of the cache, or, when it is no image that is taken, nothing. */
  private async store(partial: PartialFile, sha256: string, crew: Crew): Promise<Source> {
    const info = await this.options.infos.of(partial.file, undefined, UNNAMED).catch(async (error: unknown) => {
      if (error instanceof ComputeError && error.kind === 'invalid') await partial.remove();
      throw error;
    });
    const { format } = info;
    const image = isUsable(format)
      ? await this.storeAs(partial.file, sha256, crew)
      : await this.storeConverted(partial.file, sha256, info, crew);
    await partial.remove();
    const source = { image, sha256, format };
    if (image !== sha256) await writeRecord(this.files.source(`sha256:${sha256}`), source);
    return source;
  }

  private async storeAs(file: string, sha256: string, crew: Crew): Promise<string> {
    await this.verified.put(file, sha256, crew);
    return sha256;
  }

  private async storeConverted(from: string, sha256: string, { format, virtualSizeBytes }: ImageInfo, crew: Crew): Promise<string> {
    const name = `${sha256}.qcow2`;
    const to = this.files.partialOf(name);
    this.room.hold(name);
    try {
      await this.room.reserve(name, (await stat(from)).size, crew.signal);
      await convertToQcow2({ from, format, to, maxBytes: this.options.limitBytes, virtualSizeBytes, ...crew });
      const { size } = await stat(to);
      await this.room.reserve(name, size, crew.signal);
      return await this.storeAs(to, await digestOf(to, crew.signal, crew.onProgress, size), crew);
    } finally {
      this.room.release(name);
      await removeFile(to);
    }
  }
}

function isUsable(format: ImageFormat): format is 'qcow2' | 'raw' {
  return format === 'qcow2' || format === 'raw';
}

/** Watches a download for somebody whose deadline may come first, and who then wants to know how far it was and what kept it. */
function observed(
  request: ImageRequest,
  url: URL,
  troubles: Map<string, string>,
  source: string,
): { readonly passenger: Passenger; readonly soFar: (error: unknown) => unknown } {
  let bytes: number | undefined;
  const passenger: Passenger = {
    signal: request.signal,
    onProgress: (progress) => {
      if (progress.phase === 'download') ({ bytes } = progress);
      request.onProgress?.(progress);
    },
  };
  const soFar = (error: unknown): unknown => {
    if (!(error instanceof ComputeError) || error !== request.signal.reason || error.kind !== 'timeout') return error;
    const far = `${shownUrl(url)}: ${bytes === undefined ? 'no byte came' : `${bytes} bytes are here`}`;
    const trouble = troubles.get(source);
    const why = trouble === undefined ? '' : `; the attempt before failed: ${trouble}`;
    return new ComputeError('timeout', `${error.message} (${far}${why})`, { ...error.details, field: request.what }, { cause: error });
  };
  return { passenger, soFar };
}
