import { readdir } from 'node:fs/promises';
import type { ForeignDomain } from '../../host-view.js';
import { domainName } from './domain-xml.js';
import { fromFileSystem } from './file-failure.js';
import { type InstanceDirectories, UUID } from './instance-directory.js';
import type { Link } from './link.js';
import { listDomains, marksOf, noneYet } from './survey.js';

/** A domain that calls itself as ours do, without our marks in it. */
const OUR_NAME = new RegExp(`^${domainName(`(${UUID})`)}$`);

/** The domains of others, and which of our instances they could be taken for; in the order of their UUIDs. Nothing is asked of them. */
export async function foreignDomains(link: Link, directories: InstanceDirectories): Promise<ForeignDomain[]> {
  const failed = fromFileSystem('list the domains of others');
  const [domains, names] = await Promise.all([listDomains(link), readdir(directories.root).catch(noneYet).catch(failed)]);
  const directoriesOf = new Set(names);
  const foreign: ForeignDomain[] = [];
  for (const [id, { domain, powerState }] of domains) {
    const name = domain.name();
    const named = OUR_NAME.exec(name)?.[1] ?? null;
    const suspected = named ?? (directoriesOf.has(id) ? id : null);
    if (suspected === null || !(await marksOf(link, domain, id))?.isOurs) foreign.push({ id, name, powerState, suspected });
  }
  return foreign.sort((a, b) => (a.id < b.id ? -1 : 1));
}
