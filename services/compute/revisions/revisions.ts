import type { Statement } from 'better-sqlite3';
import type { WriteBehind, Written } from './write-behind.js';

/** How something stands since one revision. */
export interface Revision<T> {
  readonly id: string;
  /** Higher than that of every change before, over restarts too. */
  readonly revision: number;
  /** There is nothing of it any more; `record` is the last that was known. */
  readonly gone: boolean;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly record: T;
  /** Of the record, as JSON. */
  readonly bytes: number;
}

export interface RevisionsOptions {
  /** Those that are gone are remembered so long, in milliseconds. Default 7 days. */
  readonly keepGoneMs?: number;
  /** And no more of them than this. Default 10 000. */
  readonly maxGone?: number;
  readonly now?: () => number;
}

interface Row {
  readonly id: string;
  readonly revision: number;
  readonly gone: number;
  readonly at: number;
  readonly record: string;
}

const DAY_MS = 24 * 60 * 60_000;
/** The newest revisions are in memory as well: whoever keeps up reads no file. */
const RECENT = 1024;
const RECENT_BYTES = 4 * 1024 * 1024;
const COMPACT_EVERY_MS = 60_000;

/**
 * How each thing stands, and in which order they came to stand so. Not every step: of one thing only the newest is kept, so that the log is as
 * long as there are things, however often they change. Who has read up to a revision reads on from it and has missed nothing that is still so.
 * What is gone is kept for some days; a revision from before that is `compacted`, and whoever stopped there has to begin anew.
 */
export class Revisions<T extends object> implements Written {
  readonly #file: WriteBehind;
  readonly #now: () => number;
  readonly #keepGoneMs: number;
  readonly #maxGone: number;
  readonly #select: Statement<[string], Row>;
  readonly #selectSince: Statement<[number, number], Row>;
  readonly #selectThere: Statement<[], Row>;
  readonly #upsert: Statement<[string, number, number, number, string]>;
  readonly #mark: Statement<[string, number]>;
  /** Changes that are not written yet; the newest of each thing. */
  readonly #pending = new Map<string, { readonly gone: boolean; readonly at: number; readonly record: T }>();
  #written: Revision<T>[] = [];
  readonly #listeners = new Set<(changes: readonly Revision<T>[]) => void>();
  #recent: Revision<T>[] = [];
  #recentBytes = 0;
  /** Every revision above this is among the recent ones, but for those that newer ones replaced. */
  #recentSince: number;
  #revision: number;
  #compacted: number;
  #nextCompaction = 0;

  constructor(file: WriteBehind, options: RevisionsOptions = {}) {
    this.#file = file;
    this.#now = options.now ?? Date.now;
    this.#keepGoneMs = options.keepGoneMs ?? 7 * DAY_MS;
    this.#maxGone = options.maxGone ?? 10_000;
    const { database } = file;
    database.exec(`
      CREATE TABLE IF NOT EXISTS instance_revisions (
        id TEXT PRIMARY KEY, revision INTEGER NOT NULL, gone INTEGER NOT NULL, at INTEGER NOT NULL, record TEXT NOT NULL) STRICT;
      CREATE UNIQUE INDEX IF NOT EXISTS instance_revisions_in_order ON instance_revisions (revision);
      CREATE INDEX IF NOT EXISTS instance_revisions_gone ON instance_revisions (at) WHERE gone = 1;
      CREATE TABLE IF NOT EXISTS revision_marks (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;`);
    this.#select = database.prepare('SELECT * FROM instance_revisions WHERE id = ?');
    this.#selectSince = database.prepare('SELECT * FROM instance_revisions WHERE revision > ? ORDER BY revision LIMIT ?');
    this.#selectThere = database.prepare('SELECT * FROM instance_revisions WHERE gone = 0 ORDER BY id');
    this.#upsert = database.prepare('INSERT OR REPLACE INTO instance_revisions (id, revision, gone, at, record) VALUES (?, ?, ?, ?, ?)');
    this.#mark = database.prepare('INSERT OR REPLACE INTO revision_marks (name, value) VALUES (?, ?)');
    const mark = database.prepare<[string], { value: number }>('SELECT value FROM revision_marks WHERE name = ?');
    // A log that was lost begins at a number that it had not come to before, so that nobody reads on where there is nothing to read on from.
    const first = this.#now();
    this.#revision = mark.get('revision')?.value ?? first;
    this.#compacted = mark.get('compacted')?.value ?? first;
    if (!mark.get('revision')) {
      this.#mark.run('revision', first);
      this.#mark.run('compacted', first);
    }
    this.#recentSince = this.#revision;
    file.join(this);
    this.compact();
  }

  /** The newest that is on the disk. */
  get revision(): number {
    return this.#revision;
  }

  /** Nobody can read on from a revision below this one. */
  get compacted(): number {
    return this.#compacted;
  }

  get dirty(): boolean {
    return this.#pending.size > 0;
  }

  /** How it stands, written or not; null: there is none. */
  get(id: string): T | null {
    const pending = this.#pending.get(id);
    if (pending) return pending.gone ? null : pending.record;
    const row = this.#select.get(id);
    return row && row.gone === 0 ? (JSON.parse(row.record) as T) : null;
  }

  /** The revision that says how it stands, written if it was not; null: there is none. */
  revisionOf(id: string): Revision<T> | null {
    if (this.#pending.has(id)) this.#file.flush();
    const row = this.#select.get(id);
    return row && row.gone === 0 ? revisionOf<T>(row) : null;
  }

  /** Everything that is there, by id; with what was not written before. */
  all(): Revision<T>[] {
    this.#file.flush();
    return this.#selectThere.all().map((row) => revisionOf<T>(row));
  }

  /** The same record again is no change. */
  put(id: string, record: T): void {
    const before = this.get(id);
    if (before && JSON.stringify(before) === JSON.stringify(record)) return;
    this.#change(id, false, record);
  }

  remove(id: string): void {
    const before = this.get(id);
    if (before) this.#change(id, true, before);
  }

  /** The changes after a revision, oldest first; `limit` of them. What is not written yet is none. */
  since(revision: number, limit: number): readonly Revision<T>[] {
    if (revision >= this.#revision) return [];
    if (revision < this.#recentSince) return this.#selectSince.all(revision, limit).map((row) => revisionOf<T>(row));
    const from = firstAfter(this.#recent, revision);
    return this.#recent.slice(from, from + limit);
  }

  /** Told of what is written. Listeners must be quick and never throw. The function given back ends it. */
  onChange(listener: (changes: readonly Revision<T>[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  write(): void {
    let revision = this.#revision;
    this.#written = [...this.#pending].map(([id, { gone, at, record }]) => {
      const text = JSON.stringify(record);
      this.#upsert.run(id, ++revision, gone ? 1 : 0, at, text);
      return { id, revision, gone, at, record, bytes: text.length };
    });
    this.#mark.run('revision', revision);
  }

  stored(): void {
    this.#pending.clear();
    const written = this.#written;
    this.#written = [];
    this.#revision = written.at(-1)?.revision ?? this.#revision;
    this.#remember(written);
    for (const listener of this.#listeners) listener(written);
    if (this.#now() >= this.#nextCompaction) this.compact();
  }

  /** Forgets what has been gone for long, and the oldest of what is too many. */
  compact(): void {
    this.#nextCompaction = this.#now() + COMPACT_EVERY_MS;
    const { database } = this.#file;
    const old = database.prepare<[number], { revision: number | null }>(
      'SELECT max(revision) AS revision FROM instance_revisions WHERE gone = 1 AND at < ?',
    );
    const many = database.prepare<[number], { revision: number }>(
      'SELECT revision FROM instance_revisions WHERE gone = 1 ORDER BY revision DESC LIMIT 1 OFFSET ?',
    );
    const upTo = Math.max(old.get(this.#now() - this.#keepGoneMs)?.revision ?? 0, many.get(this.#maxGone)?.revision ?? 0);
    if (upTo <= this.#compacted) return;
    try {
      database.transaction(() => {
        database.prepare('DELETE FROM instance_revisions WHERE gone = 1 AND revision <= ?').run(upTo);
        this.#mark.run('compacted', upTo);
      })();
      this.#compacted = upTo;
    } catch {
      // The disk is full: it is as long as it is until the next time.
    }
  }

  #change(id: string, gone: boolean, record: T): void {
    this.#pending.delete(id); // it goes to the end, with its newest word
    this.#pending.set(id, { gone, at: this.#now(), record });
    this.#file.soon();
  }

  /** Of each thing the newest only, as in the file. */
  #remember(written: readonly Revision<T>[]): void {
    const replaced = new Set(written.map(({ id }) => id));
    const kept = this.#recent.filter(({ id, bytes }) => !replaced.has(id) || ((this.#recentBytes -= bytes), false));
    for (const one of written) {
      kept.push(one);
      this.#recentBytes += one.bytes;
    }
    let dropped = 0;
    while (kept.length - dropped > RECENT || this.#recentBytes > RECENT_BYTES) {
      const oldest = kept[dropped++];
      if (!oldest) break;
      this.#recentBytes -= oldest.bytes;
      this.#recentSince = oldest.revision;
    }
    this.#recent = dropped > 0 ? kept.slice(dropped) : kept;
  }
}

function revisionOf<T>({ id, revision, gone, at, record }: Row): Revision<T> {
  return { id, revision, gone: gone === 1, at, record: JSON.parse(record) as T, bytes: record.length };
}

/** Index of the first with a higher revision, in a list that is in order. */
function firstAfter(list: readonly { readonly revision: number }[], revision: number): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle]?.revision ?? Infinity) > revision) high = middle;
    else low = middle + 1;
  }
  return low;
}
