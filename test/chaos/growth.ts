import type { Holdings } from './chaos-worker.js';
import type { SeedReport } from './run-seed.js';

/** The first seeds of a life fill what is kept on purpose: code, connections, the last answers. */
const WARM_UP = 3;
const MIB = 1024 * 1024;
/** For each seed of some 60 commands, beyond what is allowed in any case. */
const ALLOWED = { heapBytes: { once: 10 * MIB, perSeed: 0.05 * MIB }, handles: { once: 8, perSeed: 0 }, threads: { once: 6, perSeed: 0 } };

/** What a worker holds more and more of as it lives, in words. */
export function growth(reports: readonly SeedReport[]): string[] {
  const lives = new Map<string, Holdings[]>();
  for (const { holdings } of reports) if (holdings) lives.set(holdings.life, [...(lives.get(holdings.life) ?? []), holdings]);
  return [...lives.values()].flatMap((life) => grownIn(life.slice(WARM_UP)));
}

function grownIn(life: readonly Holdings[]): string[] {
  const [first, last] = [life.at(0), life.at(-1)];
  if (!first || !last) return [];
  return (Object.keys(ALLOWED) as (keyof typeof ALLOWED)[]).flatMap((what) => {
    const { once, perSeed } = ALLOWED[what];
    const grown = last[what] - first[what];
    return grown <= once + perSeed * life.length
      ? []
      : [`in one life, ${what} grew from ${first[what]} to ${last[what]} over ${life.length} seeds`];
  });
}
