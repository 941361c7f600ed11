import Database from 'better-sqlite3';
import { ComputeError } from '../../common/errors.js';
import { makeDurable } from '../durable-database.js';
import type { Tombstones } from '../ports.js';
import { Reserve } from './reserve.js';

export interface SqliteTombstonesOptions {
  /** The worker's database, made when it is not there; its directory must exist. Beside it lies its reserve of room, `<file>.reserve`. */
  readonly file: string;
  /** How long a tombstone is kept: longer than any message can wait in a queue. */
  readonly retentionDays: number;
  /** How long to wait for another process that writes. Default 2 s. */
  readonly busyMs?: number;
  readonly now?: () => number;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** What is in `user_version`; a file of a newer worker is not touched. */
const SCHEMA_VERSION = 1;

/**
 * Tombstones in the worker's SQLite file. WAL with synchronous=FULL: a burial is on the disk when `bury` returns. On a full disk it goes
 * through as well, at the cost of the reserve.
 * @throws ComputeError unavailable when another process holds the file, internal when it is damaged; it is never made anew silently
 */
export class SqliteTombstones implements Tombstones {
  private readonly reserve: Reserve;
  private readonly database: Database.Database;
  private readonly select: Database.Statement<[string], { generation: number }>;
  private readonly upsert: Database.Statement<[string, number, number]>;
  private readonly expire: Database.Statement<[number]>;
  private readonly selectDestroy: Database.Statement<[string, string], { generation: number }>;
  private readonly insertDestroy: Database.Statement<[string, string, number, number]>;
  private readonly expireDestroys: Database.Statement<[number]>;
  private readonly now: () => number;
  private nextExpiry = 0;

  constructor(private readonly options: SqliteTombstonesOptions) {
    this.now = options.now ?? Date.now;
    this.reserve = new Reserve(`${options.file}.reserve`);
    this.database = this.opened();
    this.reserve.fill();
    this.select = this.database.prepare('SELECT generation FROM tombstones WHERE id = ?');
    this.upsert = this.database.prepare(
      `INSERT INTO tombstones (id, generation, destroyed_at) VALUES (?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET generation = max(generation, excluded.generation), destroyed_at = excluded.destroyed_at`,
    );
    this.expire = this.database.prepare('DELETE FROM tombstones WHERE destroyed_at < ?');
    this.selectDestroy = this.database.prepare('SELECT generation FROM destroys WHERE id = ? AND key = ?');
    this.insertDestroy = this.database.prepare('INSERT OR IGNORE INTO destroys (id, key, generation, at) VALUES (?, ?, ?, ?)');
    this.expireDestroys = this.database.prepare('DELETE FROM destroys WHERE at < ?');
  }

  generationOf(id: string): number | null {
    return this.attempt('read', () => this.select.get(id)?.generation ?? null);
  }

  buriedBy(id: string, key: string): number | null {
    return this.attempt('read', () => this.selectDestroy.get(id, key)?.generation ?? null);
  }

  bury(id: string, generation: number, key?: string): void {
    // What an earlier burial took of it: the destroy that followed has made room by now.
    this.reserve.fill();
    this.attempt('write', () => {
      this.database.transaction(() => {
        this.upsert.run(id, generation, this.now());
        if (key !== undefined) this.insertDestroy.run(id, key, generation, this.now());
        this.forgetOld();
      })();
    });
  }

  close(): void {
    this.database.close();
  }

  /** Once a day at most: it is bookkeeping, not part of any promise. */
  private forgetOld(): void {
    const now = this.now();
    if (now < this.nextExpiry) return;
    this.nextExpiry = now + DAY_MS;
    this.expire.run(now - this.options.retentionDays * DAY_MS);
    this.expireDestroys.run(now - this.options.retentionDays * DAY_MS);
  }

  private opened(): Database.Database {
    return this.attempt('open', () => {
      const database = new Database(this.options.file, { timeout: this.options.busyMs ?? 2000 });
      try {
        makeDurable(database);
        refuseDamage(database, this.options.file);
        prepareSchema(database, this.options.file);
        // Came later; a worker of before does not mind it.
        database.exec(
          'CREATE TABLE IF NOT EXISTS destroys (id TEXT NOT NULL, key TEXT NOT NULL, generation INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (id, key)) STRICT, WITHOUT ROWID',
        );
        return database;
      } catch (error) {
        database.close();
        throw error;
      }
    });
  }

  private attempt<T>(what: string, run: () => T): T {
    for (;;) {
      try {
        return run();
      } catch (error) {
        if (!wantsRoom(error) || !this.reserve.giveUp()) throw explained(error, what, this.options.file);
      }
    }
  }
}

/** The shared-memory file of the log is lengthened by writing, too; a quota shows as a write that failed. */
const WANTS_ROOM: readonly string[] = ['SQLITE_FULL', 'SQLITE_IOERR_WRITE', 'SQLITE_IOERR_SHMSIZE'];

function wantsRoom(error: unknown): boolean {
  return error instanceof Database.SqliteError && WANTS_ROOM.includes(error.code);
}

function refuseDamage(database: Database.Database, file: string): void {
  const found = database.pragma('quick_check(1)', { simple: true });
  if (found !== 'ok') throw damaged(file, String(found));
}

function prepareSchema(database: Database.Database, file: string): void {
  const version = database.pragma('user_version', { simple: true });
  if (version === SCHEMA_VERSION) return;
  if (version !== 0) {
    throw new ComputeError(
      'precondition',
      `${file} has version ${String(version)} and this worker knows version ${SCHEMA_VERSION}: a newer worker wrote it. Run that worker again, or move the file away.`,
    );
  }
  database.transaction(() => {
    database.exec(
      'CREATE TABLE IF NOT EXISTS tombstones (id TEXT PRIMARY KEY, generation INTEGER NOT NULL, destroyed_at INTEGER NOT NULL) STRICT',
    );
    database.exec('CREATE INDEX IF NOT EXISTS tombstones_by_age ON tombstones (destroyed_at)');
    database.pragma(`user_version = ${SCHEMA_VERSION}`);
  })();
}

/** SQLite's own words, with what they mean for the operator. */
function explained(error: unknown, what: string, file: string): ComputeError {
  if (error instanceof ComputeError) return error;
  const code = error instanceof Database.SqliteError ? error.code : '';
  const words = error instanceof Error ? error.message : String(error);
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return new ComputeError(
      'unavailable',
      `cannot ${what} ${file}: another process holds it; one worker at a time may use a state directory`,
      {},
      { cause: error },
    );
  }
  if (code.startsWith('SQLITE_CORRUPT') || code.startsWith('SQLITE_NOTADB')) return damaged(file, words, error);
  if (code.startsWith('SQLITE_FULL')) {
    return new ComputeError('exhausted', `cannot ${what} ${file}: the disk is full`, {}, { cause: error });
  }
  return new ComputeError('unavailable', `cannot ${what} ${file}: ${words}`, {}, { cause: error });
}

function damaged(file: string, words: string, cause?: unknown): ComputeError {
  return new ComputeError(
    'internal',
    `${file} is damaged (${words}). It remembers destroyed instances; no guest depends on it. To go on, move it (and its -wal and -shm) away: ` +
      'a copy of a spawn message that is still in a queue could then bring a destroyed instance back.',
    {},
    { cause },
  );
}
