import type { Tombstones } from '../ports.js';

/** Tombstones that die with the process; for tests. */
export class MemoryTombstones implements Tombstones {
  private readonly generations = new Map<string, number>();
  private readonly byKey = new Map<string, number>();

  generationOf(id: string): number | null {
    return this.generations.get(id) ?? null;
  }

  buriedBy(id: string, key: string): number | null {
    return this.byKey.get(`${id} ${key}`) ?? null;
  }

  bury(id: string, generation: number, key?: string): void {
    if (key !== undefined) this.byKey.set(`${id} ${key}`, generation);
    this.generations.set(id, Math.max(generation, this.generations.get(id) ?? generation));
  }

  close(): void {}
}
