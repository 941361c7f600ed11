/** Events between their coming and the loop that takes them: none is lost, however slow the loop. */
export class EventQueue<T> implements AsyncIterableIterator<T> {
  readonly #events: T[] = [];
  readonly #waiting: { resolve(result: IteratorResult<T, undefined>): void; reject(error: unknown): void }[] = [];
  #over = false;
  #error: { error: unknown } | null = null;

  /** `stop` ends what feeds the queue; called once. */
  constructor(private readonly stop: () => Promise<unknown>) {}

  push(event: T): void {
    if (this.#over) return;
    const next = this.#waiting.shift();
    if (next === undefined) this.#events.push(event);
    else next.resolve({ done: false, value: event });
  }

  /** No more events will come; those that have are still given out. */
  end(): void {
    this.#over = true;
    for (const next of this.#waiting.splice(0)) next.resolve({ done: true, value: undefined });
  }

  /** As end, but the loop is left by this error. */
  fail(error: unknown): void {
    if (this.#over) return;
    this.#over = true;
    const [next, ...others] = this.#waiting.splice(0);
    if (next === undefined) this.#error = { error };
    else next.reject(error);
    for (const other of others) other.resolve({ done: true, value: undefined });
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#events.length > 0) return Promise.resolve({ done: false, value: this.#events.shift() as T });
    if (this.#error !== null) {
      const { error } = this.#error;
      this.#error = null;
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- a signal's reason may be anything
      return Promise.reject(error);
    }
    if (this.#over) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    const over = this.#over;
    this.end();
    this.#events.length = 0;
    if (!over) await this.stop();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
