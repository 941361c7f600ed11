import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Writes a file whole or not at all; it is on the storage when this returns. For small files that are written seldom: it is synchronous.
 * @throws what the file system says, with nothing unfinished left where that can be helped
 */
export function writeWhole(file: string, text: string, mode: number): void {
  const unfinished = `${file}.part`;
  try {
    const handle = openSync(unfinished, 'w', mode);
    try {
      writeFileSync(handle, text);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(unfinished, file);
    syncDirectoryOf(file);
  } catch (error) {
    try {
      rmSync(unfinished, { force: true }); // where the disk is full it takes room
    } catch {
      // why it was not written says more
    }
    throw error;
  }
}

/** What was made, renamed or removed in it outlives a power failure. */
export function syncDirectoryOf(file: string): void {
  const directory = openSync(dirname(file), 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
