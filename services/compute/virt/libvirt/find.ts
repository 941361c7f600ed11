import type { FoundInstance } from '../../ports.js';
import { domainName } from './domain-xml.js';
import { fromFileSystem } from './file-failure.js';
import type { InstanceDirectories } from './instance-directory.js';
import type { Link } from './link.js';
import { readSpec } from './metadata.js';
import { lookUp, readPowerStateNow } from './own-domain.js';

/**
 * The instance by its domain's marks or, before there is a domain, by its journal. A foreign domain is nothing of ours. It waits for
 * nothing of the guest's.
 */
export async function find(
  id: string,
  { link, directories }: { link: Link; directories: InstanceDirectories },
  deadline = Infinity,
): Promise<FoundInstance | null> {
  const [holder, journal] = await Promise.all([
    lookUp(link, id, deadline, readPowerStateNow),
    directories.journal(id).catch(fromFileSystem(`look up ${id}`)),
  ]);
  if (holder === 'foreign') return null;
  const marks = holder?.marks ?? journal.begun;
  if (!marks) return null;
  const { specHash, generation, requestId } = marks;
  const { committed, desired, rescued, spec: changed } = journal;
  const metadata = holder?.marks.metadata ?? {};
  const powerState = holder?.powerState ?? null;
  const inRescue = rescued ? { rescued: true as const } : {};
  const spec = changed ?? (holder ? readSpec(holder.element) : null);
  return { id, specHash, generation, requestId, powerState, committed, desired, metadata, spec, ...inRescue, domainName: domainName(id) };
}
