import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { CacheFiles } from './cache-files.js';
import { ofUnfinishedSnapshot } from './unfinished-snapshot.js';

export interface ImagePlaces {
  readonly cache: CacheFiles;
  /** Absent: there are no snapshots. */
  readonly snapshotDir?: string | undefined;
}

/**
 * Files that take room for images and are of no use to anybody: unfinished snapshots whose instance is gone, and files among the fetched images that the cache
 * neither uses nor counts. A fetched image that no instance stands on is none: it waits for the next one.
 */
export async function orphanImages({ cache, snapshotDir }: ImagePlaces, isInstance: (id: string) => boolean): Promise<string[]> {
  const unknown = (await namesIn(cache.images)).filter((name) => !cache.isKnown(name));
  const unfinished = snapshotDir === undefined ? [] : await namesIn(snapshotDir);
  const left = unfinished.filter((name) => {
    const id = ofUnfinishedSnapshot(name);
    return id !== undefined && !isInstance(id);
  });
  return [...unknown.map((name) => path.join(cache.images, name)), ...left.map((name) => path.join(snapshotDir ?? '', name))];
}

/** A directory that is not there, or cannot be looked at, has none to tell of: this is a report, and nothing waits for it. */
async function namesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch(() => []);
}
