import { ComputeError } from '../../../common/errors.js';

interface Made {
  readonly what: string;
  /** Whether it was there. */
  takeAway(): Promise<boolean>;
}

/** What an attempt has made, to be taken away in the reverse order when it fails. */
export class Undo {
  private readonly made: Made[] = [];

  /** Note it before it is made: a thing that may exist is taken away as if it did. */
  add(what: string, takeAway: () => Promise<boolean>): void {
    this.made.push({ what, takeAway });
  }

  get isEmpty(): boolean {
    return this.made.length === 0;
  }

  /**
   * Takes away what it can, newest first, and stops where it cannot: what came before may still be in use. Tells what was really there
   * to be taken away, and what may be there still.
   */
  async run(): Promise<{ cleanedUp: string[]; leftovers: string[] }> {
    const cleanedUp: string[] = [];
    let there: boolean;
    for (let last = this.made.at(-1); last; last = this.made.at(-1)) {
      try {
        there = await last.takeAway();
      } catch (error) {
        if (error instanceof ComputeError) return { cleanedUp, leftovers: this.made.map(({ what }) => what) };
        throw error;
      }
      this.made.pop();
      if (there) cleanedUp.push(last.what);
    }
    return { cleanedUp, leftovers: [] };
  }
}
