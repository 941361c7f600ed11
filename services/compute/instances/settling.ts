/** Calls one thing an id, a moment after it was first asked for; asked again meanwhile, it is done once. */
export class Settling {
  readonly #pending = new Map<string, { timer: NodeJS.Timeout; look: boolean }>();

  #stopped = false;

  constructor(
    private readonly quietMs: number,
    private readonly settle: (id: string, look: () => boolean) => void,
  ) {}

  /** @param look the journal alone is not enough */
  soon(id: string, look: boolean): void {
    if (this.#stopped) return;
    const pending = this.#pending.get(id);
    if (pending) {
      pending.look ||= look;
      return;
    }
    const timer = setTimeout(() => this.settle(id, () => this.#begin(id)), this.quietMs).unref();
    this.#pending.set(id, { timer, look });
  }

  stop(): void {
    this.#stopped = true;
    for (const { timer } of this.#pending.values()) clearTimeout(timer);
    this.#pending.clear();
  }

  /** From here on it may be asked for again. */
  #begin(id: string): boolean {
    const { look } = this.#pending.get(id) ?? { look: true };
    this.#pending.delete(id);
    return look;
  }
}
