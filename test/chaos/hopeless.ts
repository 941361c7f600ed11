import type { Instance } from './model.js';
import { verdictOf, type Sent } from './sent.js';

/**
 * Whether what is left can surely not be explained from here, so that its orders need not be tried: of the generations that were destroyed the
 * highest only ever rises. A destroy may have met several, and which it was shows only in the answers of spawns, far behind it.
 * @param left the commands that are not in the order yet
 * @param copied those with copies: one may be given the answer of the other
 */
export function isHopeless({ buried }: Instance, left: readonly Sent[], copied: ReadonlySet<Sent>): boolean {
  const mayRise = left.some(({ wish }) => wish.type === 'instance.destroy');
  return left.some((one) => {
    const { wish, result } = one;
    if (wish.type !== 'instance.spawn' || !result || copied.has(one)) return false;
    const isBuried = (wish.generation ?? 1) <= buried;
    const verdict = verdictOf(result);
    return (verdict === 'done' && isBuried) || (verdict === 'failed conflict' && !isBuried && !mayRise);
  });
}
