import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { z } from 'zod';
import { OneAtATime } from './one-at-a-time.js';

/** QEMU under a user of its own passes through and reads what it knows by name. */
const PASSABLE = 0o711;
const IMAGE_NAME = /^[0-9a-f]{64}$/;
const VERIFIED = /\.verified(?:\.part)?$/;

/** Where the cache keeps what. Everything that it knows is in these files: there is no index that could disagree with them. */
export class CacheFiles {
  readonly root: string;
  /** `<sha256>`: an image whose bytes have this digest; `<sha256>.verified`: how the file looked when they had. */
  readonly images: string;
  /** `<key>`: what has come of a download; `<key>.json`: of what. */
  readonly partial: string;
  /** `<key>.json`: what a source (URL, file or digest) came to. */
  readonly sources: string;

  constructor(stateDir: string) {
    this.root = path.join(path.resolve(stateDir), 'image-cache');
    this.images = path.join(this.root, 'images');
    this.partial = path.join(this.root, 'partial');
    this.sources = path.join(this.root, 'sources');
  }

  /** Makes the directories, whatever the umask; harmless when they are there. */
  async prepare(): Promise<void> {
    for (const directory of [this.root, this.images, this.partial, this.sources]) {
      await mkdir(directory, { recursive: true });
      await chmod(directory, PASSABLE);
    }
  }

  image = (sha256: string): string => path.join(this.images, sha256);
  verified = (sha256: string): string => path.join(this.images, `${sha256}.verified`);
  partialOf = (key: string): string => path.join(this.partial, key);
  source = (name: string): string => path.join(this.sources, `${keyOf(name)}.json`);

  /** Whether a file name is that of an image of ours. */
  isImage(name: string): boolean {
    return IMAGE_NAME.test(name);
  }

  /** The same, or of what is noted of one. */
  isKnown(name: string): boolean {
    return this.isImage(name.replace(VERIFIED, ''));
  }
}

/** A name for a file, from whatever names the thing. */
export const keyOf = (name: string): string => createHash('sha256').update(name).digest('hex');

/** Records that are being written, by their files: nobody else writes into this directory. */
const writing = new OneAtATime();

/** A small record, written beside its place and renamed: it is there as a whole or not at all. Of several at once the last one stays. */
export function writeRecord(file: string, record: object): Promise<void> {
  return writing.run(file, () => write(file, record));
}

async function write(file: string, record: object): Promise<void> {
  const unfinished = `${file}.part`;
  const handle = await open(unfinished, 'w', 0o640);
  try {
    await handle.writeFile(JSON.stringify(record));
    await handle.datasync();
  } finally {
    await handle.close();
  }
  await rename(unfinished, file);
}

/** A record; null when there is none that can be read: everything in the cache can be found out again. */
export async function readRecord<T extends z.ZodType>(file: string, schema: T): Promise<z.infer<T> | null> {
  try {
    return schema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return null;
  }
}

export const removeFile = (file: string): Promise<void> => rm(file, { force: true });

export interface FoundFile {
  readonly name: string;
  readonly sizeBytes: number;
  readonly mtimeMs: number;
}

/** The files of a directory with their sizes; what goes meanwhile is left out. */
export async function filesIn(directory: string): Promise<FoundFile[]> {
  const names = await readdir(directory).catch(() => []);
  const found = await Promise.all(
    names.map(async (name) => {
      const stats = await lstat(path.join(directory, name)).catch(() => null);
      return stats?.isFile() ? [{ name, sizeBytes: stats.size, mtimeMs: stats.mtimeMs }] : [];
    }),
  );
  return found.flat();
}
