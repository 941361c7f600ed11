import { seededRandom } from '../system/seeded-random.js';

/** Choices that are the same for the same seed. */
export class Dice {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  chance(probability: number): boolean {
    return this.#random() < probability;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)] as T;
  }

  weighted<T>(from: readonly (readonly [T, number])[]): T {
    let left = this.#random() * from.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [what, weight] of from) if ((left -= weight) < 0) return what;
    return (from.at(-1) as readonly [T, number])[0];
  }
}
