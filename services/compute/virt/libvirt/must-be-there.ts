import type { LookRequest } from '../../ports.js';
import { refuseGone, there } from './changing.js';
import { fromFileSystem } from './file-failure.js';
import type { InstanceDirectories } from './instance-directory.js';
import type { Link } from './link.js';
import { lookUp, type OwnDomain, readPowerStateNow } from './own-domain.js';

/** A look at an instance that must be there; waits for nothing. @throws ComputeError not-found, conflict, precondition */
export async function mustBeThere(
  request: LookRequest,
  { link, directories }: { link: Link; directories: InstanceDirectories },
  what: string,
): Promise<OwnDomain> {
  const { id, deadline } = request;
  const holder = await lookUp(link, id, deadline, readPowerStateNow);
  if (holder === null) refuseGone(await directories.journal(id).catch(fromFileSystem(what)), what);
  return there(holder, request, what);
}
