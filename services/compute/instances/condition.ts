import type { Sighting } from './sight.js';

/**
 * What there is of an instance. `whole`: guest and directory. `half-made`: a spawn that has not come to its end, whose message comes again. `missing`: it was
 * made, and its domain was taken away since. The orphans: a domain with our marks that has no journal, a directory without a beginning in it.
 */
export const CONDITIONS = ['whole', 'half-made', 'missing', 'orphan-domain', 'orphan-directory'] as const;
export type Condition = (typeof CONDITIONS)[number];

export function conditionOf({ powerState, memory }: Pick<Sighting, 'powerState' | 'memory'>): Condition {
  if (memory === null) return powerState === null ? 'orphan-directory' : 'orphan-domain';
  if (!memory.committed) return 'half-made';
  return powerState === null ? 'missing' : 'whole';
}

/** Whether it is where it belongs. Only a whole or missing instance belongs anywhere; one that ends with its connection may be off. */
export function isAsDesired(sighting: Pick<Sighting, 'powerState' | 'memory'>): boolean {
  const { powerState, memory } = sighting;
  const condition = conditionOf(sighting);
  if (condition === 'missing') return false;
  if (condition !== 'whole' || memory === null || powerState === memory.desired.powerState) return true;
  return memory.desired.autodestroy && powerState === 'shutdown';
}
