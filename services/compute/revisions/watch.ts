import type { Revision, Revisions } from './revisions.js';

/** Why a watch ended that nobody ended; each with the way out. */
export type WatchEnd =
  /** What it would have to be told of is forgotten: begin anew, with a snapshot. */
  | { readonly reason: 'REVISION_COMPACTED'; readonly compacted: number }
  /** It names a revision that was never given: begin anew, with a snapshot. */
  | { readonly reason: 'REVISION_UNKNOWN'; readonly newest: number }
  /** It did not read for too long: everything up to the bookmark was told, go on from there. */
  | { readonly reason: 'SLOW_CONSUMER'; readonly bookmark: number };

/** Whoever is told. Neither may throw. */
export interface WatchSink<T> {
  /** False: it takes no more until `drained` is called. */
  changed(change: Revision<T>): boolean;
  /** Everything up to the revision was told; in a snapshot, everything that there is. */
  upTo(revision: number, snapshotComplete: boolean): boolean;
  /** The last word. */
  ended(end: WatchEnd): void;
}

export interface WatchesOptions {
  /** From one sign of life to the next where nothing changes, in milliseconds. Default 30 s. */
  readonly bookmarkEveryMs?: number;
  /** Changes that may pass one that does not read. Default 1000. */
  readonly maxMissed?: number;
  /** And their bytes. Default 8 MiB. */
  readonly maxMissedBytes?: number;
}

const BOOKMARK_EVERY_MS = 30_000;
const MAX_MISSED = 1000;
const MAX_MISSED_BYTES = 8 * 1024 * 1024;
const PAGE = 64;

/**
 * Everybody who watches. Nothing waits here for anybody: a watch is a place in the log, and reads on from there when its sink takes more. One
 * that has stopped reading costs what its transport holds, and is told to go when too much has passed it.
 */
export class Watches<T extends object> {
  readonly #open = new Set<Watch<T>>();
  readonly #bookmarks: NodeJS.Timeout;
  readonly #unlisten: () => void;
  readonly #options: Required<WatchesOptions>;
  #slow = 0;

  constructor(
    private readonly revisions: Revisions<T>,
    options: WatchesOptions = {},
  ) {
    const { bookmarkEveryMs = BOOKMARK_EVERY_MS, maxMissed = MAX_MISSED, maxMissedBytes = MAX_MISSED_BYTES } = options;
    this.#options = { bookmarkEveryMs, maxMissed, maxMissedBytes };
    this.#unlisten = revisions.onChange((changes) => this.#changed(changes));
    this.#bookmarks = setInterval(() => this.#open.forEach((watch) => watch.signOfLife()), bookmarkEveryMs).unref();
  }

  get count(): number {
    return this.#open.size;
  }

  /** Watches that were ended because they did not read. */
  get slow(): number {
    return this.#slow;
  }

  /**
   * One that begins with the first `drained`.
   * @param since told is what came after this revision; null: everything that there is, and then what comes
   */
  watch(sink: WatchSink<T>, since: number | null): Watch<T> {
    const watch = new Watch(this.revisions, sink, since, this.#options, (end) => {
      this.#open.delete(watch);
      if (end?.reason === 'SLOW_CONSUMER') this.#slow++;
    });
    this.#open.add(watch);
    return watch;
  }

  close(): void {
    clearInterval(this.#bookmarks);
    this.#unlisten();
    for (const watch of this.#open) watch.stop();
  }

  #changed(changes: readonly Revision<T>[]): void {
    const bytes = changes.reduce((sum, change) => sum + change.bytes, 0);
    for (const watch of this.#open) watch.passed(changes.length, bytes);
  }
}

export class Watch<T extends object> {
  /** Told up to here. */
  #at: number;
  /** While the snapshot is told: the revision at its beginning. What was gone by then is not told. */
  #snapshotSince: number | null;
  #takes = false;
  #missed = 0;
  #missedBytes = 0;
  #quiet = true;
  #ended = false;

  /** Only `Watches` makes one. */
  constructor(
    private readonly revisions: Revisions<T>,
    private readonly sink: WatchSink<T>,
    since: number | null,
    private readonly limits: Required<WatchesOptions>,
    private readonly over: (end: WatchEnd | null) => void,
  ) {
    this.#at = since ?? 0;
    this.#snapshotSince = since === null ? revisions.revision : null;
  }

  /** The sink takes more. */
  drained(): void {
    this.#takes = true;
    this.#missed = 0;
    this.#missedBytes = 0;
    this.#tell();
  }

  /** So much has changed. */
  passed(count: number, bytes: number): void {
    if (this.#takes) return this.#tell();
    this.#missed += count;
    this.#missedBytes += bytes;
    const { maxMissed, maxMissedBytes } = this.limits;
    if (this.#missed > maxMissed || this.#missedBytes > maxMissedBytes) this.#end({ reason: 'SLOW_CONSUMER', bookmark: this.#at });
  }

  /** Where nothing was told for a while. */
  signOfLife(): void {
    if (this.#quiet && this.#takes && this.#snapshotSince === null && !this.#ended) this.#takes = this.sink.upTo(this.#at, false);
    this.#quiet = true;
  }

  /** It is not wanted any more. */
  stop(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.over(null);
  }

  #tell(): void {
    while (this.#takes && !this.#ended) {
      const { revision: newest, compacted } = this.revisions;
      // What is gone since is what a snapshot leaves out: it may have told of it.
      if (Math.max(this.#at, this.#snapshotSince ?? 0) < compacted) return this.#end({ reason: 'REVISION_COMPACTED', compacted });
      if (this.#at > newest) return this.#end({ reason: 'REVISION_UNKNOWN', newest });
      const changes = this.revisions.since(this.#at, PAGE);
      if (changes.length === 0) {
        if (this.#snapshotSince === null) return;
        this.#snapshotSince = null;
        this.#at = newest;
        this.#takes = this.sink.upTo(newest, true);
      }
      for (const change of changes) {
        if (!this.#takes) break;
        this.#at = change.revision;
        if (change.gone && this.#snapshotSince !== null && change.revision <= this.#snapshotSince) continue;
        this.#quiet = false;
        this.#takes = this.sink.changed(change);
      }
    }
  }

  #end(end: WatchEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.over(end);
    this.sink.ended(end);
  }
}
