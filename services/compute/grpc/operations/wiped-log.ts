import type Database from 'better-sqlite3';

/** From the first wish to the wiping: what is ended meanwhile is wiped with it. */
const WIPE_AFTER_MS = 1000;
/** A slow disk is written to less often, so that the worker waits for it a tenth of its time at most. */
const SHARE = 10;
/** More than the log has between two checkpoints. */
const ROOM_BYTES = 160 * 1024;

/**
 * Takes out of SQLite's write-ahead log what is overwritten in the database already: it would lie there until other changes come to the same
 * place. The log begins anew at no length, and then has its room on the disk again, so that the next commands can be written when the disk is full by then.
 */
export class WipedLog {
  readonly #fill: Database.Statement<[number]>;
  #timer: NodeJS.Timeout | undefined;
  #tookMs = 0;

  /** Wipes what an earlier process left, too, in a while. */
  constructor(private readonly database: Database.Database) {
    database.exec('CREATE TABLE IF NOT EXISTS log_room (one INTEGER PRIMARY KEY, zeros BLOB) STRICT');
    this.#fill = database.prepare('INSERT OR REPLACE INTO log_room (one, zeros) VALUES (1, zeroblob(?))');
    this.wipeSoon();
  }

  wipeSoon(): void {
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined;
        if (!this.#wipe()) this.wipeSoon();
      },
      Math.max(WIPE_AFTER_MS, SHARE * this.#tookMs),
    ).unref();
  }

  /** Before the database is closed. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#wipe();
  }

  /** False: somebody reads what is to go, or the disk does not take it. Never waits for others. */
  #wipe(): boolean {
    const began = performance.now();
    const busyMs = this.database.pragma('busy_timeout', { simple: true }) as number;
    try {
      this.database.pragma('busy_timeout = 0');
      const [said] = this.database.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[];
      if (said?.busy !== 0) return false;
      this.#takeRoom();
      return true;
    } catch {
      return false;
    } finally {
      this.database.pragma(`busy_timeout = ${busyMs}`);
      this.#tookMs = performance.now() - began;
    }
  }

  #takeRoom(): void {
    try {
      this.#fill.run(ROOM_BYTES);
      this.database.pragma('wal_checkpoint(PASSIVE)');
    } catch {
      // The disk is full: there is none to take.
    }
  }
}
