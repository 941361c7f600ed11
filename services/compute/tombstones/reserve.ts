import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';

const SIZE_BYTES = 1024 * 1024;
/** A few burials, and SQLite's files anew after a restart. */
const SLICE_BYTES = 64 * 1024;

/**
 * A file of no content that holds room on the disk, to be given up a slice at a time when the disk is full: a destroy must be able to write
 * down that it happened, for it is what makes room again. Nothing here throws: without a reserve it is as if there were none.
 */
export class Reserve {
  private whole = false;

  constructor(private readonly file: string) {}

  /** Takes room up to the whole reserve, or what there is. */
  fill(): void {
    if (this.whole) return;
    this.open('a', (fd) => {
      // Random, for a file system that compresses would keep zeros in nothing.
      for (let size = fstatSync(fd).size; size < SIZE_BYTES;) size += writeSync(fd, randomBytes(Math.min(SLICE_BYTES, SIZE_BYTES - size)));
      fsyncSync(fd);
      return (this.whole = true);
    });
  }

  /** Gives up a slice. False when there is none left. */
  giveUp(): boolean {
    this.whole = false;
    return this.open('r+', (fd) => {
      const { size } = fstatSync(fd);
      ftruncateSync(fd, Math.max(0, size - SLICE_BYTES));
      fsyncSync(fd);
      return size > 0;
    });
  }

  private open(flags: string, use: (fd: number) => boolean): boolean {
    try {
      const fd = openSync(this.file, flags, 0o600);
      try {
        return use(fd);
      } finally {
        closeSync(fd);
      }
    } catch {
      return false;
    }
  }
}
