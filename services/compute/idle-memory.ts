import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { LoadWatcher } from './load-watcher.js';
import { spareMemory } from './sparing-memory.js';

export interface IdleMemoryOptions {
  /** From the end of the last command, in milliseconds. Default 1 s. */
  readonly quietMs?: number;
  /** For tests. */
  readonly collect?: () => void;
  readonly heap?: () => Heap;
}

/** In bytes. */
interface Heap {
  /** Taken from the host. */
  readonly total: number;
  readonly used: number;
}

const QUIET_MS = 1000;
/** What less is not worth the time in which the worker does nothing else, some tens of milliseconds. Half of it V8 leaves itself for what comes. */
const WORTH_BYTES = 12 * 1024 * 1024;

/**
 * Gives back what a burst of commands has left of V8's heap. V8 does so itself, but half a minute later, and on a host that is full of guests
 * memory that nobody uses is theirs. While nothing is in hand memory is spared; while something is, time.
 */
export class IdleMemory implements LoadWatcher {
  readonly #quietMs: number;
  readonly #collect: () => void;
  readonly #heap: () => Heap;
  #timer: NodeJS.Timeout | undefined;
  /** Bytes in use after the last collection. */
  #live = 0;

  constructor({ quietMs = QUIET_MS, collect = collectGarbage, heap = heapNow }: IdleMemoryOptions = {}) {
    this.#quietMs = quietMs;
    this.#collect = collect;
    this.#heap = heap;
  }

  busy(): void {
    clearTimeout(this.#timer);
    spareMemory(false);
  }

  idle(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#giveBack(), this.#quietMs).unref();
  }

  #giveBack(): void {
    spareMemory(true);
    if (this.#heap().total - this.#live < WORTH_BYTES) return;
    this.#collect();
    // The first one finds out which pages are nearly empty, and the second one empties them: in between whoever waits has its turn.
    this.#timer = setTimeout(() => {
      this.#collect();
      this.#live = this.#heap().used;
    }, 0).unref();
  }
}

function heapNow(): Heap {
  const { total_heap_size: total, used_heap_size: used } = getHeapStatistics();
  return { total, used };
}

let gc: (() => void) | undefined;

/** A whole collection. V8 gives its function to contexts that are made from here on, and to nobody else. */
export function collectGarbage(): void {
  if (!gc) {
    setFlagsFromString('--expose-gc');
    gc = runInNewContext('gc') as () => void;
    setFlagsFromString('--no-expose-gc');
  }
  gc();
}
