import type { Sample } from './statistics.js';

export type Unit = 'ms' | 'spawns/s' | 'calls/s' | 'MiB';

/** What must hold, between the medians of one run. */
export type Target =
  | { readonly of: 'difference'; readonly atMost: number }
  | { readonly of: 'ratio'; readonly atLeast: number }
  | { readonly of: 'ours'; readonly atMost: number };

/** One line of the result. */
export interface Row {
  /** Stable name for programs. */
  readonly key: string;
  readonly what: string;
  readonly unit: Unit;
  readonly ours: Sample;
  /** The same by libvirt alone, in the same run; null where libvirt has no share in it. */
  readonly libvirt: Sample | null;
  readonly target: Target | null;
  /** nova-compute's figure, measured elsewhere; null where there is none. */
  readonly nova: string | null;
}

/** Ours minus libvirt's own, and ours divided by it; null without a rival. */
export function compared({ ours, libvirt }: Row): { difference: number; ratio: number } | null {
  return libvirt && { difference: ours.median - libvirt.median, ratio: ours.median / libvirt.median };
}

/** Whether the target is met; null where there is none. */
export function met(row: Row): boolean | null {
  const { target, ours } = row;
  if (!target) return null;
  if (target.of === 'ours') return ours.median <= target.atMost;
  const comparison = compared(row);
  if (!comparison) throw new Error(`${row.key}: a target that compares needs somebody to compare with`);
  return target.of === 'difference' ? comparison.difference <= target.atMost : comparison.ratio >= target.atLeast;
}
