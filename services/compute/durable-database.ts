import type Database from 'better-sqlite3';

/** Pages of 4 KiB: a write-ahead log that is kept short is written over, also on a full disk, where SQLite's own 1000 would outgrow the reserve. */
const CHECKPOINT_PAGES = 32;

/** What is committed is on the storage, and a reader keeps no writer waiting. */
export function makeDurable(database: Database.Database): void {
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  database.pragma('cache_size = -256'); // KiB; the kernel has the file, too
}
