import { stat, utimes } from 'node:fs/promises';
import { z } from 'zod';
import { ImageFormat } from '../../common/messages/images.js';
import type { ImageInfos } from '../virt/libvirt/image-info.js';
import { type CacheFiles, readRecord, removeFile, writeRecord } from './cache-files.js';
import { digestOf } from './content-digest.js';
import { Flights, type Crew, type Passenger } from './flights.js';
import { UNNAMED } from './image-error.js';
import type { ImageCacheMetrics } from './metrics.js';

/** How an image's file looked when its bytes had the digest that is its name. */
const VerifiedRecord = z.object({
  sizeBytes: z.int(),
  mtimeNs: z.string(),
  inode: z.string(),
  format: ImageFormat,
  virtualSizeBytes: z.int(),
});
export type VerifiedImage = z.infer<typeof VerifiedRecord>;

export interface VerifiedImagesOptions {
  readonly files: CacheFiles;
  readonly infos: ImageInfos;
  readonly metrics: ImageCacheMetrics;
  readonly warn: (what: string) => void;
}

/**
 * The images of the cache that are what their names say. Every use looks at size, time of change and inode; only where those are not as they were
 * are all bytes read again. What is not what its name says is taken away: nobody may boot from it.
 */
export class VerifiedImages {
  private readonly known = new Map<string, VerifiedImage>();
  private readonly checks = new Flights<VerifiedImage | null>();

  constructor(private readonly options: VerifiedImagesOptions) {}

  /** An image that is here and whole, which counts as a use of it; null when it is not here, or was not whole. */
  async use(sha256: string, passenger: Passenger): Promise<VerifiedImage | null> {
    const { files } = this.options;
    const looks = await looksOf(files.image(sha256));
    if (!looks) return null;
    const record = this.known.get(sha256) ?? (await readRecord(files.verified(sha256), VerifiedRecord));
    if (record && same(record, looks)) {
      this.known.set(sha256, record);
      const now = new Date();
      await utimes(files.verified(sha256), now, now).catch(() => writeRecord(files.verified(sha256), record));
      return record;
    }
    return this.checks.join(sha256, passenger, (crew) => this.check(sha256, crew));
  }

  /** Notes that the file has been seen to be what its name says. */
  async note(sha256: string): Promise<VerifiedImage | null> {
    const { files, infos } = this.options;
    const looks = await looksOf(files.image(sha256));
    if (!looks) return null;
    const info = await infos.of(files.image(sha256), undefined, UNNAMED).catch(async (error: unknown) => {
      if ((await looksOf(files.image(sha256))) === null) return null; // it made room for another one meanwhile
      throw error;
    });
    if (!info) return null;
    const record = { ...looks, ...info };
    await writeRecord(files.verified(sha256), record);
    this.known.set(sha256, record);
    return record;
  }

  private async check(sha256: string, crew: Crew): Promise<VerifiedImage | null> {
    const { files, metrics, warn } = this.options;
    const file = files.image(sha256);
    const before = await looksOf(file);
    if (!before) return null;
    const digest = await digestOf(file, crew.signal, crew.onProgress, before.sizeBytes);
    const after = await looksOf(file);
    if (!after) return null;
    if (!same(before, after)) return this.check(sha256, crew); // another download put it there anew, or somebody writes to it
    if (digest === sha256) return this.note(sha256);
    metrics.verificationFailed();
    warn(`the image ${sha256} in the cache had been changed, and is taken away; it is fetched anew where its URL is known`);
    this.known.delete(sha256);
    await removeFile(file);
    await removeFile(files.verified(sha256));
    return null;
  }
}

type Looks = Pick<VerifiedImage, 'sizeBytes' | 'mtimeNs' | 'inode'>;

async function looksOf(file: string): Promise<Looks | null> {
  const stats = await stat(file, { bigint: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  return stats && { sizeBytes: Number(stats.size), mtimeNs: String(stats.mtimeNs), inode: String(stats.ino) };
}

const same = (a: Looks, b: Looks): boolean => a.sizeBytes === b.sizeBytes && a.mtimeNs === b.mtimeNs && a.inode === b.inode;
