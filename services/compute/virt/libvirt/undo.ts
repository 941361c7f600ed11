import { ComputeError } from '../../../common/errors.js';

interface Made {
  readonly what: string;
  takeAway(): Promise<unknown>;
}

/** What an attempt has made, to be taken away in the reverse order when it fails. */
export class Undo {
  private readonly made: Made[] = [];

  /** Note it before it is made: a thing that may exist is taken away as if it did. */
  add(what: string, takeAway: () => Promise<unknown>): void {
    this.made.push({ what, takeAway });
  }

  get isEmpty(): boolean {
    return this.made.length === 0;
  }

  /** Takes away what it can, newest first, and stops where it cannot: what came before may still be in use. */
  async run(): Promise<{ cleanedUp: string[]; leftovers: string[] }> {
    const cleanedUp: string[] = [];
    for (let last = this.made.at(-1); last; last = this.made.at(-1)) {
      try {
        await last.takeAway();
      } catch (error) {
        if (error instanceof ComputeError) return { cleanedUp, leftovers: this.made.map(({ what }) => what) };
        throw error;
      }
      this.made.pop();
      cleanedUp.push(last.what);
    }
    return { cleanedUp, leftovers: [] };
  }
}
