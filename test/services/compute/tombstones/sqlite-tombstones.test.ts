import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { SqliteTombstones } from '../../../../services/compute/tombstones/sqlite-tombstones.js';

const DAY = 24 * 60 * 60 * 1000;

function workerFile(t: TestContext): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'novalet-tombstones-'));
  t.after(() => rmSync(directory, { recursive: true }));
  return path.join(directory, 'worker.db');
}

test('a tombstone outlives the process that set it', (t) => {
  const file = workerFile(t);
  const id = randomUUID();
  const before = new SqliteTombstones({ file, retentionDays: 30 });
  before.bury(id, 4);
  before.close();
  const after = new SqliteTombstones({ file, retentionDays: 30 });
  assert.equal(after.generationOf(id), 4);
  after.close();
});

test('tombstones are forgotten after their retention, and not before', (t) => {
  const [old, younger] = [randomUUID(), randomUUID()];
  let now = 0;
  const tombstones = new SqliteTombstones({ file: workerFile(t), retentionDays: 30, now: () => now });
  t.after(() => tombstones.close());
  tombstones.bury(old, 1);
  now = 10 * DAY;
  tombstones.bury(younger, 1);
  now = 31 * DAY;
  tombstones.bury(randomUUID(), 1);
  assert.deepEqual([tombstones.generationOf(old), tombstones.generationOf(younger)], [null, 1]);
});

test('a damaged file is refused with what its loss costs, and is left as it is', (t) => {
  const file = workerFile(t);
  writeFileSync(file, 'this is no database, and it is long enough to be looked at'.repeat(100));
  const before = readFileSync(file);
  assert.throws(() => new SqliteTombstones({ file, retentionDays: 30 }), { kind: 'internal', message: /damaged.*move it/s });
  assert.deepEqual(readFileSync(file), before);
});

test('a file that another process is writing is named, with the rule that was broken', (t) => {
  const file = workerFile(t);
  new SqliteTombstones({ file, retentionDays: 30 }).close();
  const other = new Database(file);
  t.after(() => other.close());
  other.exec('BEGIN EXCLUSIVE');
  const tombstones = new SqliteTombstones({ file, retentionDays: 30, busyMs: 10 });
  t.after(() => tombstones.close());
  assert.throws(() => tombstones.bury(randomUUID(), 1), { kind: 'unavailable', message: /one worker at a time/ });
});

test('the file of a newer worker is not touched', (t) => {
  const file = workerFile(t);
  const newer = new Database(file);
  newer.pragma('user_version = 99');
  newer.close();
  assert.throws(() => new SqliteTombstones({ file, retentionDays: 30 }), { kind: 'precondition', message: /version 99/ });
});

test('a directory that is missing is named', () => {
  assert.throws(() => new SqliteTombstones({ file: '/nonexistent/worker.db', retentionDays: 30 }), {
    message: /\/nonexistent\/worker.db/,
  });
});
