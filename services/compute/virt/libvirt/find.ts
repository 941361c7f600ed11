import type { FoundInstance } from '../../ports.js';
import { domainName } from './domain-xml.js';
import { fromFileSystem } from './file-failure.js';
import type { InstanceDirectories } from './instance-directory.js';
import { readJournal } from './journal.js';
import type { Link } from './link.js';
import { lookUp } from './own-domain.js';

/** The instance by its domain's marks or, before there is a domain, by its journal. A foreign domain is nothing of ours. */
export async function find(
  id: string,
  deadline: number,
  { link, directories }: { link: Link; directories: InstanceDirectories },
): Promise<FoundInstance | null> {
  const [holder, journal] = await Promise.all([
    lookUp(link, id, deadline),
    readJournal(directories.of(id)).catch(fromFileSystem(`look up ${id}`)),
  ]);
  if (holder === 'foreign') return null;
  const marks = holder?.marks ?? journal.begun;
  if (!marks) return null;
  const { specHash, generation, requestId } = marks;
  const powerState = holder?.powerState ?? 'pending';
  const state = { instanceId: id, powerState, domainName: domainName(id), specHash, generation };
  return { id, specHash, generation, requestId, powerState, committed: journal.committed, state };
}
