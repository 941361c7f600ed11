import { conditionOf, isAsDesired } from './condition.js';
import type { Sighting } from './sight.js';

/** See docs/decisions/0020. */
export const POWER_POLICIES = ['start', 'leave', 'report'] as const;
export type PowerPolicy = (typeof POWER_POLICIES)[number];

/** What brings a guest back to where it belongs. */
export type BringBack = 'start' | 'resume';

/**
 * What is to be done about an instance as it was seen; null: nothing, beyond reporting. Only ever brings up what belongs up: no policy stops,
 * pauses or removes anything.
 * @param hostBooted the host was started anew since, which switched everything off that ran
 */
export function bringBack(sighting: Sighting, policy: PowerPolicy, hostBooted: boolean): BringBack | null {
  const wanted = policy === 'start' || (policy === 'leave' && hostBooted);
  const { powerState, memory } = sighting;
  if (!wanted || conditionOf(sighting) !== 'whole' || isAsDesired(sighting)) return null;
  if (memory?.desired.powerState !== 'running' || memory.desired.autodestroy) return null;
  if (powerState === 'shutdown') return 'start';
  // As libvirt-guests leaves them at a shutdown of the host: memory on disk.
  return powerState === 'suspended' ? 'resume' : null;
}
