import type { Release } from './slots.js';

/** The line in front of one instance: one has it, the others wait. */
export class Lane<W> {
  readonly #waiting: { readonly who: W; readonly enter: () => void }[] = [];
  #holder: { readonly who: W } | null = null;

  /** Whoever has it first, then whoever waits, in order. */
  get members(): readonly W[] {
    return [...(this.#holder ? [this.#holder.who] : []), ...this.#waiting.map(({ who }) => who)];
  }

  /**
   * Waits for the lane behind everybody whom `goesBefore` does not let it pass. Rejects with the signal's reason, holding nothing, when it is
   * aborted before.
   */
  async take(who: W, signal: AbortSignal, goesBefore: (late: W, early: W) => boolean): Promise<Release> {
    signal.throwIfAborted();
    if (this.#holder) await this.#turn(who, signal, goesBefore);
    else this.#holder = { who };
    return () => this.#passOn();
  }

  /** The lane goes straight to the next in line, so that a latecomer cannot slip in between. */
  #passOn(): void {
    const next = this.#waiting.shift();
    this.#holder = next ?? null;
    next?.enter();
  }

  #turn(who: W, signal: AbortSignal, goesBefore: (late: W, early: W) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(entry), 1);
        reject(signal.reason as Error);
      };
      const enter = (): void => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const entry = { who, enter };
      signal.addEventListener('abort', leave, { once: true });
      this.#waiting.splice(this.#placeFor(who, goesBefore), 0, entry);
    });
  }

  /** From the back: past whom it may pass, and not past anybody who stands before somebody whom it may not. */
  #placeFor(who: W, goesBefore: (late: W, early: W) => boolean): number {
    let place = this.#waiting.length;
    for (let early = this.#waiting[place - 1]; early && goesBefore(who, early.who); early = this.#waiting[place - 1]) place -= 1;
    return place;
  }
}
