import { chmodSync } from 'node:fs';
import Database from 'better-sqlite3';
import { ComputeError } from '../../../common/errors.js';
import { COMMAND_BODIES, type CommandType } from '../../../common/messages/commands.js';
import type { CommandResult } from '../../../common/messages/results.js';
import { hasSecrets } from '../../../common/messages/secret.js';
import type { QueueClass } from '../../delivery.js';
import { makeDurable } from '../../durable-database.js';
import { WipedLog } from './wiped-log.js';
import type { NewOperation, OperationStore, StoredOperation } from './operation-store.js';

export interface SqliteOperationsOptions {
  /** The worker's database; its directory must exist. */
  readonly file: string;
  /** How long the end of an operation is remembered, and how many. Default a day, 10 000. */
  readonly keptMs?: number;
  readonly keptCount?: number;
  readonly now?: () => number;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const KEPT_COUNT = 10_000;
const FORGET_EVERY_MS = 60_000;

interface Row {
  readonly place: number;
  readonly id: string;
  readonly request_id: string | null;
  readonly fingerprint: string;
  readonly type: string;
  readonly queue: string;
  readonly target: string;
  readonly body: Buffer | null;
  readonly created_at: number;
  readonly deadline: number;
  readonly redeliveries: number;
  readonly cancel_requested: number;
  readonly ended_at: number | null;
  readonly result: string | null;
  readonly etag: string;
  readonly instance: Buffer | null;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS operations (
    place INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, request_id TEXT UNIQUE, fingerprint TEXT NOT NULL, type TEXT NOT NULL,
    queue TEXT NOT NULL, target TEXT NOT NULL, body BLOB, created_at INTEGER NOT NULL, deadline INTEGER NOT NULL,
    taken INTEGER NOT NULL DEFAULT 0, redeliveries INTEGER NOT NULL DEFAULT 0, cancel_requested INTEGER NOT NULL DEFAULT 0,
    ended_at INTEGER, result TEXT, etag TEXT NOT NULL DEFAULT '', instance BLOB
  ) STRICT;
  CREATE INDEX IF NOT EXISTS operations_undone ON operations (place) WHERE ended_at IS NULL;
  CREATE INDEX IF NOT EXISTS operations_by_end ON operations (ended_at) WHERE ended_at IS NOT NULL;`;

/**
 * Operations in the worker's SQLite file, by a connection of their own. WAL with synchronous=FULL: what was accepted is on the disk when `add`
 * returns. A body may hold secrets: the file is its owner's alone, and a body is overwritten when its command is answered (secure_delete), and
 * soon afterwards in the write-ahead log.
 * @throws ComputeError exhausted when the disk is full, unavailable when the file cannot be used
 */
export class SqliteOperations implements OperationStore {
  readonly #database: Database.Database;
  readonly #statements: ReturnType<typeof prepared>;
  readonly #now: () => number;
  readonly #log: WipedLog;
  #undone: number;
  #nextForgetting = 0;

  constructor(private readonly options: SqliteOperationsOptions) {
    this.#now = options.now ?? Date.now;
    this.#database = this.#attempt('open', () => opened(options.file));
    this.#statements = prepared(this.#database);
    this.#log = this.#attempt('open', () => new WipedLog(this.#database));
    this.#undone = this.#statements.countUndone.get()?.count ?? 0;
  }

  get undone(): number {
    return this.#undone;
  }

  add(operation: NewOperation): { operation: StoredOperation; isNew: boolean } {
    return this.#attempt('write', () => {
      const earlier = operation.requestId === '' ? null : this.ofRequest(operation.requestId);
      if (earlier) return { operation: earlier, isNew: false };
      this.#statements.insert.run(columnsOf(operation, 1));
      this.#undone++;
      return { operation: this.#known(operation.id), isNew: true };
    });
  }

  addEnded(operation: NewOperation, result: CommandResult, instance?: Uint8Array): StoredOperation {
    return this.#attempt('write', () => {
      this.#database.transaction(() => {
        this.#statements.insert.run(columnsOf(operation, 0));
        this.#statements.end.run(this.#now(), JSON.stringify(result), instance ?? null, operation.id);
      })();
      return this.#known(operation.id);
    });
  }

  get(id: string): StoredOperation | null {
    return this.#attempt('read', () => operationOf(this.#statements.byId.get(id)));
  }

  ofRequest(requestId: string): StoredOperation | null {
    return this.#attempt('read', () => operationOf(this.#statements.byRequest.get(requestId)));
  }

  list(before: number | null, count: number, only?: { readonly done: boolean }) {
    const done = only === undefined ? null : Number(only.done);
    return this.#attempt('read', () =>
      this.#statements.page.all(before ?? Number.MAX_SAFE_INTEGER, done, done, count).map((row) => ({ ...stored(row), place: row.place })),
    );
  }

  takeUndone(): StoredOperation[] {
    return this.#attempt('write', () => {
      this.#statements.takeAgain.run();
      return this.#statements.undone.all().map(stored);
    });
  }

  giveBack(id: string): void {
    this.#attempt('write', () => this.#statements.giveBack.run(id));
  }

  requestCancel(id: string): void {
    this.#attempt('write', () => this.#statements.requestCancel.run(id));
  }

  end(id: string, result: CommandResult, instance?: Uint8Array): void {
    this.#attempt('write', () => {
      const command = this.#statements.commandOf.get(id);
      const { changes } = this.#statements.end.run(this.#now(), JSON.stringify(result), instance ?? null, id);
      this.#undone -= changes;
      if (command?.body && mayHaveSecrets(command.type, command.body)) this.#log.wipeSoon();
      this.#forgetOld();
    });
  }

  close(): void {
    this.#log.close();
    this.#database.close();
  }

  #known(id: string): StoredOperation {
    const found = this.get(id);
    if (!found) throw new ComputeError('internal', `operation ${id} was written and is not there`);
    return found;
  }

  /** Now and then: it is bookkeeping, not part of any promise. */
  #forgetOld(): void {
    const now = this.#now();
    if (now < this.#nextForgetting) return;
    this.#nextForgetting = now + FORGET_EVERY_MS;
    const { keptMs = DAY_MS, keptCount = KEPT_COUNT } = this.options;
    this.#statements.forgetOld.run(now - keptMs);
    this.#statements.forgetMany.run(keptCount);
  }

  #attempt<T>(what: string, run: () => T): T {
    try {
      return run();
    } catch (error) {
      if (error instanceof ComputeError) throw error;
      const words = error instanceof Error ? error.message : String(error);
      const full = error instanceof Database.SqliteError && error.code.startsWith('SQLITE_FULL');
      const message = `cannot ${what} operations in ${this.options.file}: ${full ? 'the disk is full' : words}`;
      throw new ComputeError(full ? 'exhausted' : 'unavailable', message, {}, { cause: error });
    }
  }
}

function opened(file: string): Database.Database {
  const database = new Database(file, { timeout: 2000 });
  try {
    chmodSync(file, 0o600);
    makeDurable(database);
    database.pragma('secure_delete = ON');
    database.exec(SCHEMA);
    addColumns(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** A file of an earlier version has a table without them. */
function addColumns(database: Database.Database): void {
  const known = new Set((database.pragma('table_info(operations)') as { name: string }[]).map(({ name }) => name));
  if (!known.has('etag')) database.exec("ALTER TABLE operations ADD COLUMN etag TEXT NOT NULL DEFAULT ''");
  if (!known.has('instance')) database.exec('ALTER TABLE operations ADD COLUMN instance BLOB');
}

function prepared(database: Database.Database) {
  return {
    insert: database.prepare<Record<string, unknown>>(
      `INSERT INTO operations (id, request_id, fingerprint, type, queue, target, body, created_at, deadline, taken, etag)
       VALUES (@id, @requestId, @fingerprint, @type, @queue, @target, @body, @createdAt, @deadline, @taken, @etag)`,
    ),
    byId: database.prepare<[string], Row>('SELECT * FROM operations WHERE id = ?'),
    commandOf: database.prepare<[string], Pick<Row, 'type' | 'body'>>('SELECT type, body FROM operations WHERE id = ?'),
    byRequest: database.prepare<[string], Row>('SELECT * FROM operations WHERE request_id = ?'),
    page: database.prepare<[number, number | null, number | null, number], Row>(
      'SELECT * FROM operations WHERE place < ? AND (? IS NULL OR (ended_at IS NOT NULL) = ?) ORDER BY place DESC LIMIT ?',
    ),
    undone: database.prepare<[], Row>('SELECT * FROM operations WHERE ended_at IS NULL ORDER BY place'),
    countUndone: database.prepare<[], { count: number }>('SELECT count(*) AS count FROM operations WHERE ended_at IS NULL'),
    takeAgain: database.prepare('UPDATE operations SET redeliveries = redeliveries + taken, taken = 1 WHERE ended_at IS NULL'),
    giveBack: database.prepare<[string]>('UPDATE operations SET taken = 0 WHERE id = ? AND ended_at IS NULL'),
    requestCancel: database.prepare<[string]>('UPDATE operations SET cancel_requested = 1 WHERE id = ? AND ended_at IS NULL'),
    end: database.prepare<[number, string, Uint8Array | null, string]>(
      'UPDATE operations SET ended_at = ?, result = ?, instance = ?, body = NULL WHERE id = ? AND ended_at IS NULL',
    ),
    forgetOld: database.prepare<[number]>('DELETE FROM operations WHERE ended_at < ?'),
    forgetMany: database.prepare<[number]>(
      'DELETE FROM operations WHERE ended_at IS NOT NULL AND place IN (SELECT place FROM operations WHERE ended_at IS NOT NULL ORDER BY ended_at DESC LIMIT -1 OFFSET ?)',
    ),
  };
}

/** A body that cannot be read may have them, and so may one of a command that this worker does not know. */
function mayHaveSecrets(type: string, body: Buffer): boolean {
  try {
    return !Object.hasOwn(COMMAND_BODIES, type) || hasSecrets(COMMAND_BODIES[type as CommandType], JSON.parse(body.toString()));
  } catch {
    return true;
  }
}

function columnsOf({ id, requestId, ...rest }: NewOperation, taken: 0 | 1): Record<string, unknown> {
  return { id, requestId: requestId === '' ? null : requestId, ...rest, taken };
}

function operationOf(row: Row | undefined): StoredOperation | null {
  return row === undefined ? null : stored(row);
}

/** Written by this worker or one like it. */
function stored(row: Row): StoredOperation {
  return {
    id: row.id,
    requestId: row.request_id ?? '',
    fingerprint: row.fingerprint,
    type: row.type as CommandType,
    queue: row.queue as QueueClass,
    target: row.target,
    body: row.body,
    createdAt: row.created_at,
    deadline: row.deadline,
    redeliveries: row.redeliveries,
    cancelRequested: row.cancel_requested === 1,
    endedAt: row.ended_at,
    etag: row.etag,
    instance: row.instance,
    result: row.result === null ? null : (JSON.parse(row.result) as CommandResult),
  };
}
