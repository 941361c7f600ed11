import { ComputeError } from '../../../common/errors.js';
import type { DiskSpec } from '../../../common/messages/instance-spec.js';
import type { ChangeRequest } from '../../ports.js';
import type { Changing } from './changing.js';
import { inMiB } from './claims/disk-sizes.js';
import { timeLeft, untilDeadline } from './deadline.js';
import { makeDisk, planDisks } from './disks.js';
import { fromFileSystem } from './file-failure.js';
import type { SpawnTools } from './spawn.js';
import { syncDirectory } from './sync-directory.js';

export type DiskTools = Pick<SpawnTools, 'images' | 'fresh'>;

/** One disk for an instance that is there. */
export interface DiskWish {
  /** Of the file. */
  readonly name: string;
  /** Where its image and size stand in the message. */
  readonly field: string;
  readonly disk: Pick<DiskSpec, 'image' | 'imageFormat' | 'sizeMiB'>;
  /** Size of the disk whose place it takes, in bytes: its own where nobody gives another. */
  readonly replaces?: number;
}

/**
 * Makes disks in the instance's directory, over whatever lies there under their names: room for them first, then the manifest, then the files. On the
 * storage when it resolves.
 */
export async function makeDisks(
  changing: Changing,
  what: string,
  wishes: readonly DiskWish[],
  { signal: wish, onProgress }: Pick<ChangeRequest, 'signal' | 'onProgress'>,
  tools: DiskTools,
): Promise<void> {
  const { id, deadline } = changing;
  const late = () => new ComputeError('timeout', `${what}: the deadline came before the disks were made; what was fetched is kept`);
  const { signal, end } = untilDeadline(deadline, wish, late);
  try {
    const disks = wishes.map(({ disk }) => disk);
    const planned = await planDisks({ disks }, tools.images, { signal, onProgress }).catch(renameFields(wishes));
    try {
      const plans = planned.disks.map((plan, i) => ({ ...plan, name: wishes[i]?.name ?? plan.name, ...sizeOf(plan, wishes[i]?.replaces) }));
      const more = plans.map(({ sizeBytes, base }, i) => inMiB(sizeBytes ?? base?.virtualSizeBytes ?? 0) - inMiB(wishes[i]?.replaces ?? 0));
      await changing.tools.claims?.grow(id, { diskMiB: more.reduce((sum, one) => sum + one, 0) }, deadline, {
        what,
        fields: { disk: wishes[more.findIndex((one) => one > 0)]?.field ?? 'disks' },
      });
      await changing.note({ entry: 'files', files: plans.map(({ name }) => name) });
      const directory = changing.tools.directories.of(id);
      for (const plan of plans) {
        const done = makeDisk(directory, plan, tools.fresh, timeLeft(deadline, what), signal);
        await done.catch(fromFileSystem(what));
      }
      await syncDirectory(directory).catch(fromFileSystem(what));
    } finally {
      planned.release(); // the overlays name what they stand on
    }
  } finally {
    end();
  }
}

type Sized = Awaited<ReturnType<typeof planDisks>>['disks'][number];

function sizeOf({ sizeBytes, base }: Sized, replaces: number | undefined): Pick<Sized, 'sizeBytes'> {
  if (sizeBytes !== undefined || replaces === undefined) return {};
  return { sizeBytes: Math.max(replaces, base?.virtualSizeBytes ?? 0) };
}

/** What speaks of the disks of a spawn speaks of these here. */
const renameFields =
  (wishes: readonly DiskWish[]) =>
  (error: unknown): never => {
    if (!(error instanceof ComputeError) || error.details.field === undefined) throw error;
    const renamed = (text: string) =>
      text.replace(/instance\.disks\[(\d+)\]/g, (all, index: string) => wishes[Number(index)]?.field ?? all);
    throw new ComputeError(error.kind, renamed(error.message), { ...error.details, field: renamed(error.details.field) }, { cause: error });
  };
