import type { Memory, Sighting, Survey } from '../../instances/sight.js';
import { readdir } from 'node:fs/promises';
import { type ImagePlaces, orphanImages } from '../../images/orphan-images.js';
import { fromFileSystem } from './file-failure.js';
import { absentOn } from './absent-on.js';
import { domainName } from './domain-xml.js';
import { type InstanceDirectories, isInstanceId } from './instance-directory.js';
import type { JournalState } from './journal.js';
import {
  type Connection,
  type Domain,
  VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT,
  VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE,
  VIR_DOMAIN_METADATA_ELEMENT,
  VIR_DOMAIN_PAUSED,
  VIR_DOMAIN_PAUSED_STARTING_UP,
  VIR_DOMAIN_SHUTOFF,
  VIR_DOMAIN_STATS_STATE,
} from './libvirt-calls.js';
import { VIR_ERR_NO_DOMAIN, VIR_ERR_NO_DOMAIN_METADATA } from './libvirt-failure.js';
import type { Link } from './link.js';
import { METADATA_NAMESPACE, readGeneration, readHost } from './metadata.js';
import { lookUp, readPowerStateNow } from './own-domain.js';
import { powerStateOf } from './power-state.js';
import type { PowerState } from '../../../common/messages/power-state.js';

/** Questions under way at once: libvirtd works on five calls of one connection, and commands have connections of their own. */
const AT_ONCE = 4;

interface Listed {
  readonly domain: Domain;
  readonly powerState: PowerState;
}

/**
 * All domains with their states in two calls, all journals, and then one question for each domain that may be ours: its marks. Others are known
 * by name and directory, and not asked for.
 */
export async function survey(link: Link, directories: InstanceDirectories, images: ImagePlaces): Promise<Survey> {
  const [domains, names] = await Promise.all([listDomains(link), readdir(directories.root).catch(noneYet).catch(fromFileSystem('survey'))]);
  const inDirectories = new Set(names.filter(isInstanceId));
  const candidates = [...domains].filter(([id, { domain }]) => inDirectories.has(id) || domain.name() === domainName(id));
  const generations = new Map<string, number>();
  let ofOtherWorkers = 0;
  const memories = new Map<string, Memory | null>();
  await Promise.all([
    each(candidates, async ([id, { domain }]) => {
      const marks = await marksOf(link, domain, id);
      if (marks?.isOurs) generations.set(id, marks.generation);
      else if (marks) ofOtherWorkers += 1;
    }),
    each([...inDirectories], async (id) => void memories.set(id, await recall(id, directories))),
  ]);
  const ids = [...new Set([...generations.keys(), ...inDirectories])];
  const sightings = ids.map((id): Sighting => {
    const memory = memories.get(id) ?? null;
    const generation = generations.get(id);
    const powerState = generation === undefined ? null : (domains.get(id)?.powerState ?? null);
    return { id, powerState, generation: generation ?? memory?.generation ?? null, memory };
  });
  return {
    sightings,
    foreign: domains.size - generations.size,
    ofOtherWorkers,
    strays: names.filter((name) => !isInstanceId(name)),
    orphanImages: await orphanImages(images, (id) => inDirectories.has(id)),
  };
}

/** One instance as it is now; null when nothing of ours is there. */
export async function sight(id: string, link: Link, directories: InstanceDirectories): Promise<Sighting | null> {
  const [holder, memory, isThere] = await Promise.all([
    lookUp(link, id, Infinity, readPowerStateNow),
    recall(id, directories),
    directories.exists(id).catch(fromFileSystem(`look at ${id}`)),
  ]);
  const own = holder === 'foreign' ? null : holder;
  if (own === null && !isThere) return null;
  return { id, powerState: own?.powerState ?? null, generation: own?.marks.generation ?? memory?.generation ?? null, memory };
}

/** What the journal says; null where none begins. Something else in the place of a directory says nothing, too. */
export async function recall(id: string, directories: InstanceDirectories): Promise<Memory | null> {
  return memoryOf(await directories.journal(id).catch(() => null));
}

function memoryOf(journal: JournalState | null): Memory | null {
  if (!journal?.begun) return null;
  return { generation: journal.begun.generation, committed: journal.committed, desired: journal.desired };
}

export async function listDomains(link: Link): Promise<ReadonlyMap<string, Listed>> {
  const states = (connection: Connection) => connection.getAllDomainStats(VIR_DOMAIN_STATS_STATE, VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT);
  const saves = (connection: Connection) => connection.listAllDomains(VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE);
  const [all, saved] = await Promise.all([
    link.call('virConnectGetAllDomainStats', 'list the domains', states),
    link.call('virConnectListAllDomains', 'list the saved domains', saves),
  ]);
  const withMemory = new Set(saved.map((domain) => domain.UUIDString()));
  return new Map(
    all.map(([domain, stats]) => {
      const id = domain.UUIDString();
      return [id, { domain, powerState: stateOf(stats['state.state'], stats['state.reason'], withMemory.has(id)) }] as const;
    }),
  );
}

function stateOf(state: unknown, reason: unknown, saved: boolean): PowerState {
  if (state === VIR_DOMAIN_PAUSED && reason === VIR_DOMAIN_PAUSED_STARTING_UP) return 'pending';
  if (state === VIR_DOMAIN_SHUTOFF && saved) return 'suspended';
  return powerStateOf(typeof state === 'number' ? state : undefined);
}

/** Which generation it is, and whether this worker has made it. Null: no worker has, or it is gone meanwhile. */
export async function marksOf(
  link: Link,
  domain: Domain,
  id: string,
): Promise<{ readonly generation: number; readonly isOurs: boolean } | null> {
  const element = () => domain.metadata(VIR_DOMAIN_METADATA_ELEMENT, METADATA_NAMESPACE, 0);
  const asked = link.call('virDomainGetMetadata', `look at ${id}`, element);
  const xml = await asked.catch(absentOn(VIR_ERR_NO_DOMAIN_METADATA, VIR_ERR_NO_DOMAIN));
  const generation = xml === null ? null : readGeneration(xml);
  if (xml === null || generation === null) return null;
  return { generation, isOurs: await link.owns(id, readHost(xml)).catch(fromFileSystem(`look at ${id}`)) };
}

async function each<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const item of left) await run(item);
    }),
  );
}

export function noneYet(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return [];
  throw error;
}
