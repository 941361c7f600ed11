import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { takeAwayAfter } from './take-away.js';

/** A small disk of one's own, or null where nothing can be mounted. */
export function smallDisk(t: TestContext, size = '4m'): string | null {
  const directory = mkdtempSync(path.join(tmpdir(), 'novalet-disk-'));
  takeAwayAfter(t, () => rm(directory, { recursive: true }));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'novalet-test', directory], { stdio: 'ignore' });
  } catch {
    t.skip('mounting a small disk needs root');
    return null;
  }
  takeAwayAfter(t, () => Promise.resolve(void execFileSync('umount', ['-l', directory])));
  return directory;
}

/** Fills the disk to the last byte; gives the file that did. */
export function fillDisk(directory: string): string {
  const ballast = path.join(directory, 'ballast');
  for (const size of [64 * 1024, 4096, 1]) {
    try {
      for (;;) appendFileSync(ballast, Buffer.alloc(size));
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
    }
  }
  return ballast;
}
