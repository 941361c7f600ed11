const WINDOW_MS = 10 * 60_000;
const AT_MOST = 20_000;

/**
 * Ids of the publications that were taken lately. A client whose connection breaks publishes again what had arrived already; the broker knows
 * nothing of that. (What the broker itself delivers again is marked by it, and goes the way of every copy.)
 */
export class Publications {
  readonly #taken = new Map<string, number>();

  /** Whether it is new; from here on it is not. */
  take(id: string, now = Date.now()): boolean {
    const before = this.#taken.get(id);
    if (before !== undefined && now - before < WINDOW_MS) return false;
    this.#taken.delete(id); // to its place at the end
    this.#taken.set(id, now);
    this.#forgetOld(now);
    return true;
  }

  #forgetOld(now: number): void {
    for (const [id, since] of this.#taken) {
      if (this.#taken.size <= AT_MOST && now - since < WINDOW_MS) return;
      this.#taken.delete(id);
    }
  }
}
