import type { DriverKind } from './plan.js';

/** Each with how often it is chosen, beside the others. Those that take the worker's life are left out of gentle seeds. */
const EVERYWHERE = [
  ['line cut', 4],
  ['line cut in a frame', 4],
  ['line silent', 3],
  ['line refused', 2],
  ['broker frozen', 3],
  ['broker killed', 0.4],
  ['libvirtd frozen', 4],
  ['worker frozen', 3],
  ['disk full', 4],
  ['clock forward', 2],
  ['clock back', 3],
] as const;
const DEADLY = [
  ['worker killed', 6],
  ['worker told to leave', 3],
] as const;
/** The test driver forgets its guests with its daemon, and has no process of theirs. */
const QEMU_ONLY = [
  ['libvirtd killed', 4],
  ['qemu frozen', 3],
  ['qemu killed', 3],
] as const;

export type FaultName = (typeof EVERYWHERE)[number][0] | (typeof DEADLY)[number][0] | (typeof QEMU_ONLY)[number][0];

export function faultsFor(driver: DriverKind, gentle: boolean): readonly (readonly [FaultName, number])[] {
  return [...EVERYWHERE, ...(gentle ? [] : DEADLY), ...(driver === 'qemu' ? QEMU_ONLY : [])];
}
