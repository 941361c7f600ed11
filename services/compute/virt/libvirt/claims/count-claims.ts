import { readdir } from 'node:fs/promises';
import { type Demand, demandOfShape } from '../../../claims/demand.js';
import { domainName } from '../domain-xml.js';
import type { InstanceDirectories } from '../instance-directory.js';
import type { Connection, Domain } from '../libvirt-calls.js';
import { libvirtCode, VIR_ERR_NO_DOMAIN } from '../libvirt-failure.js';
import type { Link } from '../link.js';
import { diskMiBIn } from './disk-sizes.js';
import { domainShape } from './domain-shape.js';

const INSTANCE_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** libvirtd works on five calls of one connection at a time. */
const AT_ONCE = 5;

const NO_DOMAIN: Demand = { vcpus: 0, memoryMiB: 0, diskMiB: 0, pinnedCpus: [] };

/**
 * What all guests of the host have, by id: ours whether they run or not, for they come back; those of others while they run. A directory without
 * a domain has its disks. Never waits for a guest.
 */
export async function countClaims(link: Link, directories: InstanceDirectories): Promise<Map<string, Demand>> {
  const list = (connection: Connection) => connection.listAllDomains(0);
  const [domains, names] = await Promise.all([
    link.call('virConnectListAllDomains', 'count claims', list),
    readdir(directories.root).catch(() => [] as string[]),
  ]);
  const counted = new Map<string, Demand>();
  await each(domains, async (domain) => {
    const id = domain.UUIDString();
    const demand = await demandOfDomain(link, domain, id, directories);
    if (demand) counted.set(id, demand);
  });
  const bare = names.filter((name) => INSTANCE_ID.test(name) && !counted.has(name));
  await each(bare, async (id) => {
    const diskMiB = await diskMiBIn(directories.of(id));
    if (diskMiB > 0) counted.set(id, { ...NO_DOMAIN, diskMiB });
  });
  return counted;
}

/** What one of them has; null: nothing. */
export async function countOne(id: string, link: Link, directories: InstanceDirectories): Promise<Demand | null> {
  const lookup = (connection: Connection) => connection.lookupByUUIDString(id);
  const domain = await link.call('virDomainLookupByUUIDString', `count claim of ${id}`, lookup).catch(absent);
  const demand = domain && (await demandOfDomain(link, domain, id, directories));
  if (demand) return demand;
  const diskMiB = await diskMiBIn(directories.of(id));
  return diskMiB > 0 ? { ...NO_DOMAIN, diskMiB } : null;
}

async function demandOfDomain(link: Link, domain: Domain, id: string, directories: InstanceDirectories): Promise<Demand | null> {
  const xml = await link.call('virDomainGetXMLDesc', `count claim of ${id}`, () => domain.XMLDesc(0)).catch(absent);
  if (xml === null) return null;
  const { name, shape } = domainShape(xml);
  if (name === domainName(id)) return demandOfShape(shape, await diskMiBIn(directories.of(id)));
  return domain.ID() < 0 ? null : demandOfShape(shape, 0);
}

function absent(error: unknown): null {
  if (libvirtCode(error) === VIR_ERR_NO_DOMAIN) return null;
  throw error;
}

async function each<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const rest = all.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const one of rest) await work(one);
    }),
  );
}
