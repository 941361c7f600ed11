import { z } from 'zod';

/**
 * The hypervisor's word on a guest, by nova's names (nova/compute/power_state.py). Beyond nova: an instance that is off with its memory kept
 * on disk is `suspended`, not `shutdown`.
 */
export const PowerState = z.enum(['pending', 'running', 'paused', 'shutdown', 'crashed', 'suspended']);
export type PowerState = z.infer<typeof PowerState>;

/** Where an instance belongs, by the last command that changed it. */
export const DesiredPowerState = z.enum(['running', 'paused', 'shutdown', 'suspended']);
export type DesiredPowerState = z.infer<typeof DesiredPowerState>;
