import type { Expected, Instance, There } from './model.js';
import type { Wish } from './sent.js';

/** Verbs that change more of an instance than its power state. */
export const CHANGING: ReadonlySet<string> = new Set(['resize', 'attachDisk', 'detachDisk', 'snapshot']);

type Standing = Instance & { readonly there: There };

interface Change {
  readonly now: Standing;
  readonly wish: Wish;
  /** An attempt was cut off before. */
  readonly comesBack: boolean;
  readonly as: (more: Partial<There>, snapshots?: readonly string[]) => Expected;
  readonly refused: (kind: string) => Expected;
}

/**
 * What the model expects of them; docs/verbs.md, written down a second time.
 * @param done what is noted as done afterwards
 * @param comesBack an attempt was cut off before
 */
export function changed(now: Standing, wish: Wish, done: readonly string[], comesBack: boolean): Expected[] {
  const { there } = now;
  const as: Change['as'] = (more, snapshots = now.snapshots) => ({
    verdict: 'done',
    after: { ...now, snapshots, there: { ...there, done, ...more } },
  });
  const refused: Change['refused'] = (kind) => ({ verdict: `failed ${kind}`, after: now });
  if (there.power === 'suspended') return [refused('precondition')];
  return CHANGES[wish.type]?.({ now, wish, comesBack, as, refused }) ?? [];
}

const CHANGES: Readonly<Record<string, (change: Change) => Expected[]>> = {
  'instance.resize'({ now: { there }, wish, comesBack, as, refused }) {
    const { vcpus = there.vcpus, firstDiskMiB = there.firstDiskMiB } = wish;
    const shrinks = wish.firstDiskMiB !== undefined && wish.firstDiskMiB < (there.firstDiskMiB ?? Infinity);
    if (shrinks) return [refused('invalid')];
    const sizes = { vcpus, firstDiskMiB };
    const asItIs = vcpus === there.vcpus && firstDiskMiB === there.firstDiskMiB;
    // Whether a paused guest can have it as it is depends on what it was started with.
    if (there.power === 'paused' && !asItIs) return [as(sizes), refused('precondition')];
    // It comes back only if it went off for this, and nothing else was done since.
    return there.power === 'shutdown' && comesBack ? [as(sizes), as({ ...sizes, power: 'running' })] : [as(sizes)];
  },
  'instance.attachDisk'({ now: { there }, wish, as, refused }) {
    return there.extraDisk !== 'attached' && runs(there) && !wish.plugs ? [refused('unsupported')] : [as({ extraDisk: 'attached' })];
  },
  'instance.detachDisk'({ now: { there }, wish, as, refused }) {
    if (there.power === 'paused') return [refused('precondition')];
    const left = wish.remove || there.extraDisk === 'none' ? 'none' : 'file';
    if (there.extraDisk !== 'attached' || !runs(there)) return [as({ extraDisk: left })];
    return wish.plugs ? [as({ extraDisk: left }), refused('timeout')] : [refused('unsupported')];
  },
  'instance.snapshot'({ now: { there, snapshots }, wish: { file = '', plugs }, comesBack, as, refused }) {
    const isThere = snapshots.includes(file);
    if (isThere && !comesBack) return [refused('already-exists')];
    if (!isThere && there.firstDiskMiB === null) return [refused('invalid')];
    if (!isThere && runs(there) && !plugs) return [refused('unsupported')];
    const made = as({}, [...new Set([...snapshots, file])].sort());
    return isThere ? [made, refused('already-exists')] : [made];
  },
};

const runs = ({ power }: There): boolean => power === 'running' || power === 'paused';

/** All that may have become of an instance on the way from one state to the other, when it was not noted as done. */
export function ways(now: Standing, then: Standing, { type }: Wish): Instance[] {
  const { there } = now;
  const vcpus = [there.vcpus, then.there.vcpus];
  const disks = [there.firstDiskMiB, then.there.firstDiskMiB];
  const sizesChange = vcpus[0] !== vcpus[1] || disks[0] !== disks[1];
  const powers = [there.power, ...(sizesChange && there.power === 'running' ? (['shutdown'] as const) : []), then.there.power];
  // The file of a disk comes before the guest has it and goes after it; a guest may refuse it when it is there.
  const mayBeFile = there.extraDisk !== then.there.extraDisk || (type === 'instance.attachDisk' && there.extraDisk === 'none');
  const extras = [there.extraDisk, ...(mayBeFile ? (['file'] as const) : []), then.there.extraDisk];
  const all = powers.flatMap((power) =>
    vcpus.flatMap((count) =>
      disks.flatMap((firstDiskMiB) =>
        extras.flatMap((extraDisk) =>
          [now.snapshots, then.snapshots].map((snapshots) => ({
            ...now,
            snapshots,
            there: { ...there, power, vcpus: count, firstDiskMiB, extraDisk },
          })),
        ),
      ),
    ),
  );
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}
