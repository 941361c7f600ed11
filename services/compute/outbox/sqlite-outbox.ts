import { deserialize, serialize } from 'node:v8';
import Database from 'better-sqlite3';
import { ComputeError } from '../../common/errors.js';
import { makeDurable } from '../durable-database.js';
import type { Outbox, Unsent } from './outbox.js';

export interface SqliteOutboxOptions {
  /** Made when it is not there; its directory must exist. */
  readonly file: string;
  readonly maxCount?: number;
  readonly maxBytes?: number;
}

const MAX_COUNT = 10_000;
const MAX_BYTES = 64 * 1024 * 1024;
/** What is in `user_version`; a file of a newer worker is not touched. */
const SCHEMA_VERSION = 1;

interface Row {
  readonly key: string;
  readonly entry: Buffer;
}

/**
 * Answers in a SQLite file of their own. Not in worker.db: its reserve of room is for destroys, which make room, and not for answers. WAL
 * with synchronous=FULL: an answer is on the disk when `put` returns.
 * @throws ComputeError precondition when the file is damaged or a newer worker's; unavailable when another process holds it
 */
export class SqliteOutbox implements Outbox {
  readonly #database: Database.Database;
  readonly #insert: Database.Statement<[string, Buffer, number]>;
  readonly #select: Database.Statement<[], Row>;
  readonly #delete: Database.Statement<[string]>;
  /** Size of each entry that is in the file. */
  readonly #sizes = new Map<string, number>();
  readonly #maxCount: number;
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(private readonly options: SqliteOutboxOptions) {
    this.#maxCount = options.maxCount ?? MAX_COUNT;
    this.#maxBytes = options.maxBytes ?? MAX_BYTES;
    this.#database = opened(options.file);
    this.#insert = this.#database.prepare('INSERT OR REPLACE INTO outbox (key, entry, bytes) VALUES (?, ?, ?)');
    this.#select = this.#database.prepare('SELECT key, entry FROM outbox ORDER BY rowid');
    this.#delete = this.#database.prepare('DELETE FROM outbox WHERE key = ?');
    const sizes = this.#database.prepare<[], { key: string; bytes: number }>('SELECT key, bytes FROM outbox');
    for (const { key, bytes } of sizes.all()) this.#note(key, bytes);
  }

  get count(): number {
    return this.#sizes.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  *unsent(): Iterable<Unsent> {
    for (const { key, entry } of this.#attempt('read', () => this.#select.all())) {
      yield { key, ...(deserialize(entry) as Omit<Unsent, 'key'>) };
    }
  }

  put({ key, answer, messages }: Unsent): void {
    const entry = serialize({ answer, messages });
    const known = this.#sizes.get(key);
    if ((known === undefined && this.count >= this.#maxCount) || this.#bytes - (known ?? 0) + entry.length > this.#maxBytes) {
      throw new ComputeError(
        'exhausted',
        `${this.options.file} is full: it holds ${this.count} answers, ${this.#bytes} bytes, that the broker does not take`,
      );
    }
    this.#attempt('write', () => this.#insert.run(key, entry, entry.length));
    this.#note(key, entry.length);
  }

  remove(key: string): void {
    const bytes = this.#sizes.get(key);
    if (bytes === undefined) return;
    this.#attempt('write', () => this.#delete.run(key));
    this.#sizes.delete(key);
    this.#bytes -= bytes;
  }

  close(): void {
    this.#database.close();
  }

  #note(key: string, bytes: number): void {
    this.#bytes += bytes - (this.#sizes.get(key) ?? 0);
    this.#sizes.set(key, bytes);
  }

  #attempt<T>(what: string, run: () => T): T {
    try {
      return run();
    } catch (error) {
      throw explained(error, what, this.options.file);
    }
  }
}

function opened(file: string): Database.Database {
  let database: Database.Database | undefined;
  try {
    database = new Database(file, { timeout: 2000 });
    makeDurable(database);
    const version = database.pragma('user_version', { simple: true });
    if (version !== 0 && version !== SCHEMA_VERSION) {
      throw new ComputeError(
        'precondition',
        `${file} has version ${String(version)} and this worker knows version ${SCHEMA_VERSION}: a newer worker wrote it. Run that worker again, or move the file away.`,
      );
    }
    database.exec('CREATE TABLE IF NOT EXISTS outbox (key TEXT PRIMARY KEY, entry BLOB NOT NULL, bytes INTEGER NOT NULL) STRICT');
    if (version === 0) database.pragma(`user_version = ${SCHEMA_VERSION}`);
    return database;
  } catch (error) {
    database?.close();
    throw explained(error, 'open', file);
  }
}

/** SQLite's own words, with what they mean for the operator. */
function explained(error: unknown, what: string, file: string): ComputeError {
  if (error instanceof ComputeError) return error;
  const code = error instanceof Database.SqliteError ? error.code : '';
  const words = error instanceof Error ? error.message : String(error);
  if (code.startsWith('SQLITE_FULL'))
    return new ComputeError('exhausted', `cannot ${what} ${file}: the disk is full`, {}, { cause: error });
  if (code.startsWith('SQLITE_CORRUPT') || code.startsWith('SQLITE_NOTADB')) {
    const way = 'move it away: the broker still has the commands whose answers it held, and delivers them again';
    return new ComputeError('precondition', `${file} is damaged (${words}); ${way}`, {}, { cause: error });
  }
  return new ComputeError('unavailable', `cannot ${what} ${file}: ${words}`, {}, { cause: error });
}
