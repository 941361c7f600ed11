import Database from 'better-sqlite3';
import { asComputeError } from '../../common/errors.js';
import { makeDurable } from '../durable-database.js';
import { bounded } from '../bounded.js';
import type { Log } from '../log.js';

/** Something that is written now and then, and not at once. */
export interface Written {
  /** Whether there is something to write. */
  readonly dirty: boolean;
  /** Inside one transaction with the others; changes nothing in memory, for the transaction may fail. */
  write(): void;
  /** It is on the disk. */
  stored(): void;
}

export interface WriteBehindOptions {
  /** The worker's database; made when it is not there. `:memory:` for one that ends with the process. */
  readonly file: string;
  readonly log: Log;
  /** From the first change to the write that takes it along, in milliseconds. Default 20. */
  readonly quietMs?: number;
  /** From a write that failed to the next, in milliseconds. Default 5 s. */
  readonly againMs?: number;
}

const QUIET_MS = 20;
/** A slow disk is written to less often, so that the worker waits for it a tenth of its time at most; and once a second at least. */
const SHARE = 10;
const MAX_QUIET_MS = 1000;
const AGAIN_MS = 5000;

/**
 * Collects what changes for a moment and writes it in one transaction, on the storage when it returns. Nobody's answer waits for it: what
 * is written here can be found out anew from the host. When the disk is full it waits for the disk, and gives up no reserve.
 */
export class WriteBehind {
  readonly database: Database.Database;
  readonly #writers: Written[] = [];
  #timer: NodeJS.Timeout | undefined;
  #trouble: string | null = null;
  /** How long the last write took. */
  #tookMs = 0;

  constructor(private readonly options: WriteBehindOptions) {
    this.database = new Database(options.file, { timeout: 2000 });
    makeDurable(this.database);
  }

  /** What the disk said to the last write; null: it took it. */
  get trouble(): string | null {
    return this.#trouble;
  }

  join(writer: Written): void {
    this.#writers.push(writer);
  }

  soon(): void {
    const { quietMs = QUIET_MS, againMs = AGAIN_MS } = this.options;
    const pace = Math.min(MAX_QUIET_MS, Math.max(quietMs, SHARE * this.#tookMs));
    this.#timer ??= setTimeout(() => this.#onTime(), this.#trouble === null ? pace : againMs).unref();
  }

  /** Writes what there is, now. False when the disk does not take it: it is tried again later. */
  flush(): boolean {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const dirty = this.#writers.filter((writer) => writer.dirty);
    if (dirty.length === 0) return true;
    const began = performance.now();
    try {
      this.database.transaction(() => dirty.forEach((writer) => writer.write()))();
      this.#tookMs = performance.now() - began;
    } catch (error) {
      const before = this.#trouble;
      this.#trouble = bounded(asComputeError(error).message);
      if (before === null) this.options.log.warn({ error: this.#trouble }, 'changes of instances cannot be written down');
      this.soon();
      return false;
    }
    if (this.#trouble !== null) this.options.log.info({}, 'changes of instances can be written down again');
    this.#trouble = null;
    for (const writer of dirty) writer.stored();
    return true;
  }

  close(): void {
    this.flush();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.database.close();
  }

  #onTime(): void {
    this.#timer = undefined;
    this.flush();
  }
}
