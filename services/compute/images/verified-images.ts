import { renameSync, statSync, unlinkSync, type BigIntStats } from 'node:fs';
import { chmod, stat, utimes } from 'node:fs/promises';
import { z } from 'zod';
import { ImageFormat } from '../../common/messages/images.js';
import type { ImageInfos } from '../virt/libvirt/image-info.js';
import { syncDirectory } from '../virt/libvirt/sync-directory.js';
import { type CacheFiles, readRecord, removeFile, writeRecord } from './cache-files.js';
import { digestOf } from './content-digest.js';
import { Flights, type Crew, type Passenger } from './flights.js';
import { UNNAMED } from './image-error.js';
import type { ImageCacheMetrics } from './metrics.js';
import { OneAtATime } from './one-at-a-time.js';

/** How an image's file looked when its bytes had the digest that is its name. */
const VerifiedRecord = z.object({
  sizeBytes: z.int(),
  mtimeNs: z.string(),
  /** Absent in notes of earlier workers. */
  ctimeNs: z.string().optional(),
  inode: z.string(),
  format: ImageFormat,
  virtualSizeBytes: z.int(),
});
export type VerifiedImage = z.infer<typeof VerifiedRecord>;

/** Somebody who uses an image. */
export interface ImageUser extends Passenger {
  /** Reads all bytes, however the file looks. */
  readonly thorough?: boolean | undefined;
}

/**
 * Only root can put the other times back, but what the system notes of every change (ctime) moves also when libvirt gives the file to QEMU's user, which it
 * does at each start of a guest on it. So the bytes are not read again for that alone more often than this.
 */
const CTIME_QUIET_MS = 10 * 60_000;

export interface VerifiedImagesOptions {
  readonly files: CacheFiles;
  readonly infos: ImageInfos;
  readonly metrics: ImageCacheMetrics;
  readonly warn: (what: string) => void;
}

/**
 * The images of the cache that are what their names say. Every use looks at size, times of change and inode; only where those are not as they were
 * are all bytes read again. What is not what its name says is taken away: nobody may boot from it.
 */
export class VerifiedImages {
  private readonly known = new Map<string, VerifiedImage>();
  private readonly checks = new Flights<VerifiedImage | null>();
  private readonly puts = new OneAtATime();
  /** When all bytes were last read, by performance.now(). */
  private readonly readAt = new Map<string, number>();

  constructor(private readonly options: VerifiedImagesOptions) {}

  /** An image that is here and whole, which counts as a use of it; null when it is not here, or was not whole. */
  async use(sha256: string, user: ImageUser): Promise<VerifiedImage | null> {
    const { files } = this.options;
    const looks = await looksOf(files.image(sha256));
    if (!looks) return null;
    const record = this.known.get(sha256) ?? (await readRecord(files.verified(sha256), VerifiedRecord));
    if (record && !user.thorough && same(record, looks) && (record.ctimeNs === looks.ctimeNs || this.wasReadLately(sha256))) {
      this.known.set(sha256, record);
      const now = new Date();
      await utimes(files.verified(sha256), now, now).catch(() => writeRecord(files.verified(sha256), record));
      return record;
    }
    return this.checks.join(sha256, user, (crew) => this.check(sha256, crew));
  }

  /**
   * Gives a file, whose bytes have this digest, its name in the cache; where a whole image has it already, that one stays, for guests stand on it, and the
   * file is left where it is.
   */
  put(file: string, sha256: string, passenger: Passenger): Promise<void> {
    const { files } = this.options;
    return this.puts.run(sha256, async () => {
      if (await this.use(sha256, passenger)) return;
      await chmod(file, 0o644); // whatever the umask: QEMU has a user of its own
      renameSync(file, files.image(sha256)); // in one go with nothing else of ours between, as the taking away below
      await syncDirectory(files.images);
      await this.note(sha256);
    });
  }

  private wasReadLately(sha256: string): boolean {
    return performance.now() - (this.readAt.get(sha256) ?? -Infinity) < CTIME_QUIET_MS;
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
    if (digest === sha256) {
      this.readAt.set(sha256, performance.now());
      return this.note(sha256);
    }
    // Nothing of ours comes between this look and the removal: a good one that was put there meanwhile stays.
    if (!takeAwayIf(file, before)) return this.check(sha256, crew);
    metrics.verificationFailed();
    warn(`the image ${sha256} in the cache had been changed, and is taken away; it is fetched anew where its URL is known`);
    this.known.delete(sha256);
    await removeFile(files.verified(sha256));
    return null;
  }
}

type Looks = Pick<VerifiedImage, 'sizeBytes' | 'mtimeNs' | 'ctimeNs' | 'inode'>;

async function looksOf(file: string): Promise<Looks | null> {
  const stats = await stat(file, { bigint: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  return stats && seen(stats);
}

const seen = ({ size, mtimeNs, ctimeNs, ino }: BigIntStats): Looks => ({
  sizeBytes: Number(size),
  mtimeNs: String(mtimeNs),
  ctimeNs: String(ctimeNs),
  inode: String(ino),
});

function takeAwayIf(file: string, looks: Looks): boolean {
  const stats = statSync(file, { bigint: true, throwIfNoEntry: false });
  if (stats && !same(seen(stats), looks)) return false;
  if (stats) unlinkSync(file);
  return true;
}

const same = (a: Looks, b: Looks): boolean => a.sizeBytes === b.sizeBytes && a.mtimeNs === b.mtimeNs && a.inode === b.inode;
