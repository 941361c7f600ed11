import type { Holdings } from './chaos-worker.js';
import type { SeedReport } from './run-seed.js';

/** The first seeds of a life fill what is kept on purpose: code, connections, the last answers. */
const WARM_UP = 3;
const MIB = 1024 * 1024;
/** For each seed of some 60 commands, beyond what is allowed in any case. */
const ALLOWED = { heapBytes: { once: 10 * MIB, perSeed: 0.05 * MIB }, handles: { once: 8, perSeed: 0 }, threads: { once: 6, perSeed: 0 } };

export interface Growth {
  /** What a worker holds more and more of as it lives, in words. */
  readonly grown: readonly string[];
  /** The longest life that was looked at, in words. */
  readonly longest: string;
}

/** Also of a run that was ended early: the seeds that leave the worker alive are played first. */
export function growth(reports: readonly SeedReport[]): Growth {
  const lives = new Map<string, Holdings[]>();
  for (const { holdings } of reports) if (holdings) lives.set(holdings.life, [...(lives.get(holdings.life) ?? []), holdings]);
  const all = [...lives.values()].map((life) => life.slice(WARM_UP));
  const [longest = []] = all.sort((a, b) => b.length - a.length);
  return { grown: all.flatMap(grownIn), longest: inWords(longest) };
}

function inWords(life: readonly Holdings[]): string {
  const [first, last] = [life.at(0), life.at(-1)];
  if (!first || !last || life.length < 2) return 'no life was long enough to see whether it grows';
  const from = (what: keyof typeof ALLOWED, unit = 1): string => `${(first[what] / unit).toFixed(0)} to ${(last[what] / unit).toFixed(0)}`;
  return `the longest life: over ${life.length} seeds, heap from ${from('heapBytes', MIB)} MiB, handles ${from('handles')}, threads ${from('threads')}`;
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
