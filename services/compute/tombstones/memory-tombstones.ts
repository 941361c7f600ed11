import type { Tombstones } from '../ports.js';

/** Tombstones that die with the process; for tests. */
export class MemoryTombstones implements Tombstones {
  private readonly generations = new Map<string, number>();

  generationOf(id: string): number | null {
    return this.generations.get(id) ?? null;
  }

  bury(id: string, generation: number): void {
    this.generations.set(id, Math.max(generation, this.generations.get(id) ?? generation));
  }

  close(): void {}
}
