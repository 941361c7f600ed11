import type { Step } from './ports.js';

/** Points on a command's way that are no steps of the driver's: `received` … `acknowledged` in tasks.ts, the rest in the journals. */
export const FAULT_POINTS = [
  'received',
  'buried',
  'handled',
  'replied',
  'published',
  'acknowledged',
  'begun',
  'disk',
  'undo',
  'committed',
  'rebooting',
  'switched-off',
] as const;
export type FaultPoint = Step | (typeof FAULT_POINTS)[number];

/**
 * Awaited at every point at which a worker that dies leaves something else behind; `id` is the instance's. Nobody listens but tests, which end
 * the process here for good, as SIGKILL would.
 */
export type Checkpoint = (point: FaultPoint, id: string) => Promise<void>;
