import { renameSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { Slots } from '../slots.js';
import { basesInUse } from './backing-files.js';
import { type CacheFiles, filesIn, type FoundFile, removeFile } from './cache-files.js';
import { imageError, UNNAMED } from './image-error.js';
import type { Leases } from './leases.js';
import type { ImageCacheMetrics } from './metrics.js';

export interface CacheRoomOptions {
  readonly files: CacheFiles;
  readonly leases: Leases;
  readonly limitBytes: number;
  /** Room on the disk that is left alone. */
  readonly diskReserveBytes: number;
  /** Where instances keep their overlays. */
  readonly instancesRoot: string;
  readonly metrics: ImageCacheMetrics;
}

interface Found {
  readonly bytes: number;
  /** What unfinished files are still going to need. */
  readonly promised: number;
  readonly images: readonly FoundFile[];
  readonly partials: readonly FoundFile[];
}

/** What the record of an unfinished file has behind its name. */
const RECORD = /\.json(?:\.part)?$/;

/** Keeps the cache within its bound: what was not used for longest goes first, and never what an instance stands on or somebody fetches. */
export class CacheRoom {
  /** Bytes that unfinished files are going to have, by their names; what is here is being worked on. */
  private readonly reserved = new Map<string, number>();
  private readonly turn = new Slots(1);

  constructor(private readonly options: CacheRoomOptions) {}

  /** From now until `release` an unfinished file is not taken away. */
  hold(name: string): void {
    this.reserved.set(name, 0);
  }

  release(name: string): void {
    this.reserved.delete(name);
  }

  /**
   * Makes room for an unfinished file to grow to so many bytes.
   * @throws exhausted when what may be taken away is not enough
   */
  async reserve(name: string, bytes: number, signal: AbortSignal): Promise<void> {
    const leave = await this.turn.take(signal);
    const before = this.reserved.get(name) ?? 0;
    this.reserved.set(name, bytes);
    try {
      await this.fitDisk(await this.fit());
    } catch (error) {
      this.reserved.set(name, before);
      throw error;
    } finally {
      leave();
    }
  }

  /** Tells how much the cache holds. */
  async tell(): Promise<void> {
    this.options.metrics.held((await this.look()).bytes);
  }

  /** The disk was full before the bound: lets what nobody uses go, up to so many bytes. Gives whether there was something. */
  async relieve(bytes: number, signal: AbortSignal): Promise<boolean> {
    const leave = await this.turn.take(signal);
    try {
      return (await this.evict(await this.look(), bytes)) < bytes;
    } finally {
      leave();
    }
  }

  /** Gives what is there afterwards. */
  private async fit(): Promise<Found> {
    const { limitBytes } = this.options;
    const found = await this.look();
    const excess = found.bytes + found.promised - limitBytes;
    if (excess <= 0) return found;
    const left = await this.evict(found, excess);
    if (left <= 0) return this.look();
    throw imageError(
      'exhausted',
      UNNAMED,
      `the image cache has no room: ${left} bytes more than the ${limitBytes} of NOVALET_IMAGE_CACHE_BYTES, and instances stand on the rest`,
    );
  }

  /** What is going to come must fit on the disk beside what others are promised. */
  private async fitDisk(found: Found): Promise<void> {
    const { files, diskReserveBytes } = this.options;
    if (found.promised === 0) return;
    const { bavail, bsize } = await statfs(files.root);
    const free = bavail * bsize;
    const missing = found.promised + diskReserveBytes - free;
    if (missing <= 0) return;
    const left = await this.evict(found, missing);
    if (left <= 0) return;
    throw imageError(
      'exhausted',
      UNNAMED,
      `the disk of the image cache is full: ${free} bytes are free, ${found.promised} are to come, and ${diskReserveBytes} stay free ` +
        '(NOVALET_DISK_RESERVE_MIB); make room',
    );
  }

  /** Takes away what may go, until so many bytes are free. Gives how many are not. */
  private async evict({ images, partials }: Found, wanted: number): Promise<number> {
    const { leases, files, instancesRoot, metrics } = this.options;
    let excess = wanted;
    for (const { name, sizeBytes } of partials) {
      if (excess <= 0 || this.reserved.has(name.replace(RECORD, ''))) continue;
      await removeFile(files.partialOf(name));
      excess -= sizeBytes;
    }
    const since = performance.now();
    const inUse = excess > 0 ? await basesInUse(instancesRoot) : new Set<string>();
    for (const { name, sizeBytes } of images) {
      if (excess <= 0) break;
      // No wait between the look and the renaming: whoever takes a lease afterwards finds the image gone.
      if (inUse.has(name) || leases.isTaken(name, since)) continue;
      renameSync(files.image(name), files.partialOf(`${name}.evicted`));
      await removeFile(files.verified(name));
      await removeFile(files.partialOf(`${name}.evicted`));
      excess -= sizeBytes;
      metrics.evicted();
    }
    await this.tell();
    return excess;
  }

  /** What is there, each kind with the longest unused first. */
  private async look(): Promise<Found> {
    const { files } = this.options;
    const [inImages, partials] = await Promise.all([filesIn(files.images), filesIn(files.partial)]);
    const used = new Map(inImages.map(({ name, mtimeMs }) => [name, mtimeMs]));
    const lastUse = (name: string): number => used.get(`${name}.verified`) ?? 0;
    const images = inImages.filter(({ name }) => files.isImage(name)).sort((a, b) => lastUse(a.name) - lastUse(b.name));
    const bytes = [...images, ...partials].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const here = new Map(partials.map(({ name, sizeBytes }) => [name, sizeBytes]));
    const promised = [...this.reserved].reduce((sum, [name, wanted]) => sum + Math.max(0, wanted - (here.get(name) ?? 0)), 0);
    return { bytes, promised, images, partials: partials.sort((a, b) => a.mtimeMs - b.mtimeMs) };
  }
}
