import type { Statement } from 'better-sqlite3';
import type { ErrorReport } from '../../common/messages/results.js';
import type { WriteBehind, Written } from './write-behind.js';

/** Something that happened to an instance. */
export interface Happening {
  /** A command's type, or `instance.state` for what happened without one. */
  readonly type: string;
  /** RFC 3339. */
  readonly at: string;
  /** Of a command. */
  readonly outcome?: 'done' | 'failed' | undefined;
  /** How it stood afterwards. */
  readonly state?: string | undefined;
  readonly previous?: string | undefined;
  /** The hypervisor's word. */
  readonly reason?: string | undefined;
  /** Who asked for it; absent: nobody did. */
  readonly requestId?: string | undefined;
  /** Of the command. */
  readonly messageId?: string | undefined;
  readonly error?: ErrorReport | undefined;
}

export interface NumberedHappening extends Happening {
  /** Rises with everything that happens on the host. */
  readonly sequence: number;
}

export interface HistoryOptions {
  /** Kept of one instance. Default 100. */
  readonly maxOfOne?: number;
  /** Kept of all. Default 20 000. */
  readonly maxOfAll?: number;
  /** In milliseconds. Default 7 days. */
  readonly keepMs?: number;
  readonly now?: () => number;
}

/** Waiting for the disk; what comes then pushes out the oldest. */
const MAX_PENDING = 2000;
const FORGET_EVERY_MS = 60_000;
const DAY_MS = 24 * 60 * 60_000;

interface Row {
  readonly sequence: number;
  readonly happening: string;
}

/** What happened to each instance, also to those that are gone: by whom, when, and how it ended. Bounded by age and number. */
export class History implements Written {
  readonly #file: WriteBehind;
  readonly #maxOfOne: number;
  readonly #maxOfAll: number;
  readonly #keepMs: number;
  readonly #now: () => number;
  readonly #insert: Statement<[string, string | null, number, string]>;
  readonly #prune: Statement<[string, string, number]>;
  readonly #select: Statement<[string, number, number], Row>;
  #pending: { readonly id: string; readonly key: string | null; readonly happening: Happening }[] = [];
  #nextForgetting = 0;

  constructor(file: WriteBehind, options: HistoryOptions = {}) {
    this.#file = file;
    this.#maxOfOne = options.maxOfOne ?? 100;
    this.#maxOfAll = options.maxOfAll ?? 20_000;
    this.#keepMs = options.keepMs ?? 7 * DAY_MS;
    this.#now = options.now ?? Date.now;
    const { database } = file;
    database.exec(`
      CREATE TABLE IF NOT EXISTS instance_history (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, key TEXT, at INTEGER NOT NULL, happening TEXT NOT NULL,
        UNIQUE (id, key)) STRICT;
      CREATE INDEX IF NOT EXISTS instance_history_of_one ON instance_history (id, sequence);`);
    // A command that was cut off and comes again happens once.
    this.#insert = database.prepare('INSERT OR IGNORE INTO instance_history (id, key, at, happening) VALUES (?, ?, ?, ?)');
    this.#prune = database.prepare(
      'DELETE FROM instance_history WHERE id = ? AND sequence <= (SELECT sequence FROM instance_history WHERE id = ? ORDER BY sequence DESC LIMIT 1 OFFSET ?)',
    );
    this.#select = database.prepare(
      'SELECT sequence, happening FROM instance_history WHERE id = ? AND sequence < ? ORDER BY sequence DESC LIMIT ?',
    );
    file.join(this);
  }

  get dirty(): boolean {
    return this.#pending.length > 0;
  }

  /** @param key the idempotency key of a command; the same again is not added */
  add(id: string, happening: Happening, key: string | null = null): void {
    if (this.#pending.length >= MAX_PENDING) this.#pending.shift();
    this.#pending.push({ id, key, happening });
    this.#file.soon();
  }

  /** Newest first, from before a sequence number on; with what was not written before. */
  of(id: string, before: number, limit: number): NumberedHappening[] {
    this.#file.flush();
    return this.#select.all(id, Math.min(before, Number.MAX_SAFE_INTEGER), limit).map(numbered);
  }

  write(): void {
    for (const { id, key, happening } of this.#pending) this.#insert.run(id, key, Date.parse(happening.at), JSON.stringify(happening));
    for (const id of new Set(this.#pending.map((one) => one.id))) this.#prune.run(id, id, this.#maxOfOne);
    if (this.#now() >= this.#nextForgetting) this.#forget();
  }

  stored(): void {
    this.#pending = [];
    if (this.#now() >= this.#nextForgetting) this.#nextForgetting = this.#now() + FORGET_EVERY_MS;
  }

  #forget(): void {
    const { database } = this.#file;
    database.prepare('DELETE FROM instance_history WHERE at < ?').run(this.#now() - this.#keepMs);
    database
      .prepare(
        'DELETE FROM instance_history WHERE sequence <= (SELECT sequence FROM instance_history ORDER BY sequence DESC LIMIT 1 OFFSET ?)',
      )
      .run(this.#maxOfAll);
  }
}

function numbered({ sequence, happening }: Row): NumberedHappening {
  return { sequence, ...(JSON.parse(happening) as Happening) };
}
