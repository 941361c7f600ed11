import type { Expected, Instance, There } from './model.js';
import type { Wish } from './sent.js';

/** Verbs that change more of an instance than its power state. */
export const CHANGING: ReadonlySet<string> = new Set([
  ...['resize', 'rebuild', 'rescue', 'unrescue', 'snapshot'],
  ...['attachDisk', 'detachDisk', 'attachInterface', 'detachInterface'],
  ...['setAdminPassword', 'quiesce', 'unquiesce'],
]);

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
  const whileSuspended = there.power === 'suspended' && SUSPENDED[wish.type];
  if (whileSuspended) return whileSuspended({ now, wish, as, refused });
  if (there.power === 'suspended' && !comesBack && wish.type !== 'instance.unrescue') return [refused('precondition')];
  return CHANGES[wish.type]?.({ now, wish, comesBack, as, refused }) ?? [];
}

/** What attempts that were cut off have left of a disk goes with its refusal. */
export function refusedDisk(now: Standing): Expected[] {
  const { there, halfDone } = now;
  const mayBeLeft = there.extraDisk === 'file' && Object.keys(halfDone).length > 0;
  const ends = [there, ...(mayBeLeft ? [{ ...there, extraDisk: 'none' as const }] : [])];
  return ends.map((end) => ({ verdict: 'failed precondition', after: { ...now, there: end } }));
}

/** What is so already is done in any state. */
const SUSPENDED: Readonly<Record<string, (change: Omit<Change, 'comesBack'>) => Expected[]>> = {
  'instance.attachInterface': ({ now, as, refused }) => [now.there.nic ? as({}) : refused('precondition')],
  'instance.detachInterface': ({ now, as, refused }) => [now.there.nic ? refused('precondition') : as({})],
  'instance.attachDisk': ({ now, as }) => (now.there.extraDisk === 'attached' ? [as({})] : refusedDisk(now)),
  'instance.detachDisk'({ now: { there }, wish, as, refused }) {
    if (there.extraDisk === 'attached') return [refused('precondition')];
    return [as({ extraDisk: wish.remove ? 'none' : there.extraDisk })];
  },
};

const CHANGES: Readonly<Record<string, (change: Change) => Expected[]>> = {
  'instance.resize'({ now: { there }, wish, comesBack, as, refused }) {
    const { vcpus = there.vcpus, firstDiskMiB = there.firstDiskMiB } = wish;
    const shrinks = wish.firstDiskMiB !== undefined && wish.firstDiskMiB < (there.firstDiskMiB ?? Infinity);
    if (there.power === 'suspended') return [refused('precondition')];
    if (shrinks) return [refused('invalid')];
    const sizes = { vcpus, firstDiskMiB };
    const asItIs = vcpus === there.vcpus && firstDiskMiB === there.firstDiskMiB;
    // Whether a paused guest can have it as it is depends on what it was started with.
    if (there.power === 'paused' && (!asItIs || comesBack)) return [as(sizes), refused('precondition')];
    // It comes back only if it went off for this, and nothing else was done since.
    return there.power === 'shutdown' && comesBack ? [as(sizes), as({ ...sizes, power: 'running' })] : [as(sizes)];
  },
  'instance.rebuild'({ now: { there }, wish, comesBack, as, refused }) {
    const sizes = { firstDiskMiB: wish.firstDiskMiB ?? there.firstDiskMiB };
    // When its disks were whole it goes on, whatever state the guest is in by now, and the guest comes back where it ran at first.
    if (comesBack) return [as(sizes), as({ ...sizes, power: 'running' }), as({ ...sizes, power: 'shutdown' }), refused('precondition')];
    if (there.power === 'paused') return [refused('precondition')];
    return there.firstDiskMiB === null ? [refused('invalid')] : [as(sizes)];
  },
  'instance.rescue'({ now: { there }, comesBack, as, refused }) {
    const { power } = there;
    const rescued = as({ rescued: there.rescued ?? (power === 'running' ? 'running' : 'shutdown'), power: 'running', desired: 'running' });
    if (comesBack) return [rescued, refused('precondition')];
    return there.rescued !== null || power === 'paused' ? [refused('precondition')] : [rescued];
  },
  'instance.unrescue'({ now: { there }, as }) {
    const { rescued } = there;
    return [rescued === null ? as({}) : as({ rescued: null, power: rescued, desired: rescued })];
  },
  'instance.attachInterface'({ now: { there }, wish, as, refused }) {
    return !there.nic && runs(there) && !wish.plugs ? [refused('unsupported')] : [as({ nic: true })];
  },
  'instance.detachInterface'({ now: { there }, wish, as, refused }) {
    if (!there.nic || !runs(there)) return [as({ nic: false })];
    if (there.power === 'paused') return [refused('precondition')];
    return wish.plugs ? [as({ nic: false }), refused('timeout')] : [refused('unsupported')];
  },
  'instance.setAdminPassword': byAgent,
  'instance.quiesce': byAgent,
  'instance.unquiesce': byAgent,
  'instance.attachDisk'({ now: { there }, wish, as, refused }) {
    return there.extraDisk !== 'attached' && runs(there) && !wish.plugs ? [refused('unsupported')] : [as({ extraDisk: 'attached' })];
  },
  'instance.detachDisk'({ now: { there }, wish, as, refused }) {
    const left = wish.remove || there.extraDisk === 'none' ? 'none' : 'file';
    if (there.extraDisk !== 'attached' || !runs(there)) return [as({ extraDisk: left })];
    if (there.power === 'paused') return [refused('precondition')];
    return wish.plugs ? [as({ extraDisk: left }), refused('timeout')] : [refused('unsupported')];
  },
  'instance.snapshot'({ now: { there, snapshots }, wish: { file = '', plugs }, comesBack, as, refused }) {
    if (there.power === 'suspended') return [refused('precondition')];
    const isThere = snapshots.includes(file);
    if (isThere && !comesBack) return [refused('already-exists')];
    if (!isThere && there.firstDiskMiB === null) return [refused('invalid')];
    if (!isThere && runs(there) && !plugs) return [refused('unsupported')];
    const made = as({}, [...new Set([...snapshots, file])].sort());
    return isThere ? [made, refused('already-exists')] : [made];
  },
};

/** No guest here has an agent; the test driver plays one. */
function byAgent({ now: { there }, wish, as, refused }: Change): Expected[] {
  return there.power === 'running' && !wish.plugs ? [as({})] : [refused('precondition')];
}

const runs = ({ power }: There): boolean => power === 'running' || power === 'paused';

/** All that may have become of an instance on the way from one state to the other, when it was not noted as done. */
export function ways(now: Standing, then: Standing, { type }: Wish): Instance[] {
  const [from, to] = [now.there, then.there];
  const sizesChange = from.vcpus !== to.vcpus || from.firstDiskMiB !== to.firstDiskMiB;
  const goesOff = (sizesChange && from.power === 'running') || GOING_OFF.has(type);
  // The file of a disk comes before the guest has it and goes after it; a guest may refuse it when it is there.
  const mayBeFile = from.extraDisk !== to.extraDisk || (type === 'instance.attachDisk' && from.extraDisk === 'none');
  let all: There[] = [from];
  const either = <K extends keyof There>(field: K, ...between: There[K][]): void => {
    all = [from[field], ...between, to[field]].flatMap((value) => all.map((there) => ({ ...there, [field]: value })));
  };
  either('power', ...(goesOff ? (['shutdown'] as const) : []));
  either('vcpus');
  either('firstDiskMiB');
  either('extraDisk', ...(mayBeFile ? (['file'] as const) : []));
  either('nic');
  either('rescued');
  if (type === 'instance.unrescue') either('desired');
  const instances = all.flatMap((there) => [now.snapshots, then.snapshots].map((snapshots) => ({ ...now, snapshots, there })));
  return [...new Map(instances.map((one) => [JSON.stringify(one), one])).values()];
}

/** Their guest goes off on the way, and may come back. */
const GOING_OFF: ReadonlySet<string> = new Set(['instance.rebuild', 'instance.rescue', 'instance.unrescue']);
