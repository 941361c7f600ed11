import { ComputeError } from '../../../common/errors.js';
import type { DestroyResult } from '../../../common/messages/results.js';
import type { StepListener } from '../../ports.js';
import type { Checkpoint } from './checkpoint.js';
import { fromFileSystem } from './file-failure.js';
import type { InstanceDirectories } from './instance-directory.js';
import type { Link } from './link.js';
import { lookUp, readPowerStateNow } from './own-domain.js';
import { timed } from './timed.js';
import { stopDomain, undefineDomain } from './stop-domain.js';

/** Somebody may start the guest again between stop and undefine; nobody does so for ever. */
const ROUNDS = 3;

/** Takes away guest, definition and files; the order leaves the directory as the sign of what is still to do. */
export async function destroy(
  id: string,
  deadline: number,
  { link, directories, checkpoint }: { link: Link; directories: InstanceDirectories; checkpoint?: Checkpoint | undefined },
  onStep: StepListener,
): Promise<DestroyResult> {
  await directories.refuseStranger(id).catch(fromFileSystem(`destroy ${id}`, 'files'));
  const removed: string[] = [];
  for (let round = 1; ; round++) {
    // As it is: a start that is still under way is cut short, and not waited for.
    const holder = await lookUp(link, id, deadline, readPowerStateNow);
    if (holder === 'foreign')
      throw new ComputeError('conflict', `destroy ${id}: the domain of this id was not made by this worker; it is left alone`);
    if (holder === null) break;
    if (round > ROUNDS) throw new ComputeError('busy', `destroy ${id}: somebody keeps starting the guest`, { leftovers: ['domain'] });
    await timed('stop', onStep, () => stopDomain(link, holder.domain, id, deadline));
    await checkpoint?.('stop', id);
    await timed('undefine', onStep, () => undefineDomain(link, holder.domain, id, deadline));
    await checkpoint?.('undefine', id);
    if (removed.length === 0) removed.push('domain');
  }
  const files = await timed('files', onStep, () => directories.remove(id).catch(fromFileSystem(`destroy ${id}`, 'files')));
  await checkpoint?.('files', id);
  removed.push(...files.removed);
  const leftovers = files.leftovers.length > 0 ? { leftovers: [...files.leftovers] } : {};
  return { instanceId: id, existed: removed.length > 0, removed, ...leftovers };
}
