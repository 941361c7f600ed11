import { readdir } from 'node:fs/promises';
import { type Demand, demandOfShape, type Shape } from '../../../claims/demand.js';
import { domainName } from '../domain-xml.js';
import { type InstanceDirectories, isInstanceId } from '../instance-directory.js';
import type { Connection, Domain } from '../libvirt-calls.js';
import { libvirtCode, VIR_ERR_NO_DOMAIN } from '../libvirt-failure.js';
import type { Link } from '../link.js';
import { readHostOfDomain } from '../metadata.js';
import { diskMiBIn } from './disk-sizes.js';
import { domainShape } from './domain-shape.js';

/** libvirtd works on five calls of one connection at a time. */
const AT_ONCE = 5;

const NO_DOMAIN: Demand = { vcpus: 0, memoryMiB: 0, diskMiB: 0, pinnedCpus: [] };

/**
 * What all guests of the host have, by id: ours whether they run or not, for they come back; those of others, another worker's as well, while they run. A directory without
 * a domain has its disks. Never waits for a guest.
 */
export async function countClaims(link: Link, directories: InstanceDirectories): Promise<Map<string, Demand>> {
  const list = (connection: Connection) => connection.listAllDomains(0);
  const [domains, names] = await Promise.all([
    link.call('virConnectListAllDomains', 'count claims', list),
    readdir(directories.root).catch(() => [] as string[]),
  ]);
  const [shapes, disks] = [new Map<string, { readonly shape: Shape; readonly isOurs: boolean }>(), new Map<string, number>()];
  await Promise.all([
    each(domains, async (domain) => {
      const found = await shapeOf(link, domain, domain.UUIDString());
      if (found) shapes.set(domain.UUIDString(), found);
    }),
    each(names.filter(isInstanceId), async (id) => void disks.set(id, await diskMiBIn(directories.of(id)))),
  ]);
  const counted = new Map([...shapes].map(([id, { shape, isOurs }]) => [id, demandOfGuest(shape, isOurs, disks.get(id) ?? 0)]));
  for (const [id, diskMiB] of disks) if (diskMiB > 0 && !counted.has(id)) counted.set(id, { ...NO_DOMAIN, diskMiB });
  return counted;
}

/** What one of them has; null: nothing. */
export async function countOne(id: string, link: Link, directories: InstanceDirectories): Promise<Demand | null> {
  const lookup = (connection: Connection) => connection.lookupByUUIDString(id);
  const domain = await link.call('virDomainLookupByUUIDString', `count claim of ${id}`, lookup).catch(absent);
  const found = domain && (await shapeOf(link, domain, id));
  const diskMiB = await diskMiBIn(directories.of(id));
  if (found) return demandOfGuest(found.shape, found.isOurs, diskMiB);
  return diskMiB > 0 ? { ...NO_DOMAIN, diskMiB } : null;
}

/** Disks of others lie somewhere else. */
const demandOfGuest = (shape: Shape, isOurs: boolean, diskMiB: number): Demand =>
  isOurs ? demandOfShape(shape, diskMiB) : { ...demandOfShape(shape, 0), isOthers: true };

/** Null: it is gone, or is somebody else's and does not run. */
async function shapeOf(link: Link, domain: Domain, id: string): Promise<{ readonly shape: Shape; readonly isOurs: boolean } | null> {
  const xml = await link.call('virDomainGetXMLDesc', `count claim of ${id}`, () => domain.XMLDesc(0)).catch(absent);
  if (xml === null) return null;
  const { name, shape } = domainShape(xml);
  const isOurs = name === domainName(id) && (await link.owns(id, readHostOfDomain(xml)));
  return isOurs || domain.ID() >= 0 ? { shape, isOurs } : null;
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
