import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync, mkdtempSync, statSync, truncateSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { SqliteTombstones } from '../../../../services/compute/tombstones/sqlite-tombstones.js';
import { takeAwayAfter } from '../../../support/take-away.js';

const DISK = '4m';

/** A small disk of one's own, or null where nothing can be mounted. */
function smallDisk(t: TestContext): string | null {
  const directory = mkdtempSync(path.join(tmpdir(), 'novalet-disk-'));
  takeAwayAfter(t, () => rm(directory, { recursive: true }));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK}`, 'novalet-test', directory], { stdio: 'ignore' });
  } catch {
    t.skip('mounting a small disk needs root');
    return null;
  }
  takeAwayAfter(t, () => Promise.resolve(void execFileSync('umount', ['-l', directory])));
  return directory;
}

/** Fills the disk to the last byte; gives the file that did. */
function fillDisk(directory: string): string {
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

test('on a full disk instances can still be buried, also after a restart, and the reserve comes back with the room', (t) => {
  const directory = smallDisk(t);
  if (directory === null) return;
  const file = path.join(directory, 'worker.db');
  const open = () => new SqliteTombstones({ file, retentionDays: 30 });
  const reserve = () => statSync(`${file}.reserve`).size;
  open().close();
  const whole = reserve();
  const ballast = fillDisk(directory);
  const buried = Array.from({ length: 100 }, () => randomUUID());
  for (const half of [buried.slice(0, 50), buried.slice(50)]) {
    const tombstones = open();
    for (const id of half) tombstones.bury(id, 2);
    tombstones.close();
    fillDisk(directory); // others take what it left
  }
  assert.ok(reserve() < whole);
  truncateSync(ballast);
  const tombstones = open();
  assert.deepEqual(new Set(buried.map((id) => tombstones.generationOf(id))), new Set([2]));
  assert.equal(reserve(), whole);
  tombstones.close();
});

test('a disk that is full before there is a reserve is named', (t) => {
  const directory = smallDisk(t);
  if (directory === null) return;
  fillDisk(directory);
  assert.throws(() => new SqliteTombstones({ file: path.join(directory, 'worker.db'), retentionDays: 30 }), { message: /worker\.db/ });
});
