import { ComputeError } from '../../common/errors.js';
import type { ClaimLine } from '../../common/messages/spawn-plan.js';
import type { Demand } from './demand.js';
import type { Capacity, ClaimLimits } from './limits.js';
import { pinnableCpus, type Room, roomsOf, sumOf } from './rooms.js';

interface Holding {
  readonly demand: Demand;
  readonly revision: number;
}

type Line = ClaimLine & { readonly words: string; readonly settings: string };

/** Who asks for more, as its refusal names it. */
export interface Asker {
  /** The verb and the instance: `resize <id>`. */
  readonly what: string;
  /** Where its message says how much of it. */
  readonly fields: Partial<Fields>;
}

/**
 * What the guests of the host have of it, by id. In memory and without waiting: between the question and the entry nobody else is asked.
 * The sums are made anew each time, so that there is nothing that could drift.
 */
export class Ledger {
  readonly #held = new Map<string, Holding>();
  /** Ids whose holding ended, until the next count: a count that began before is older. */
  readonly #ended = new Map<string, number>();
  #revision = 0;

  constructor(private readonly limits: ClaimLimits) {}

  get revision(): number {
    return this.#revision;
  }

  get size(): number {
    return this.#held.size;
  }

  of(id: string): Demand | undefined {
    return this.#held.get(id)?.demand;
  }

  ids(): IterableIterator<string> {
    return this.#held.keys();
  }

  /**
   * Enters it, in place of what the id has already: the same guest never counts twice.
   * @throws exhausted with every resource that there is too little of
   */
  take(id: string, demand: Demand, capacity: Capacity): void {
    const missing = this.#lines(id, demand, capacity).filter(({ fits }) => !fits);
    if (missing.length > 0) throw new Refusal(`spawn ${id}`, missing, SPAWN_FIELDS);
    this.put(id, demand);
  }

  /**
   * Enters what a guest is to have in place of what it has. What does not grow is not refused, even where the host has too little of it already.
   * @throws exhausted with every resource that would grow beyond the room
   */
  change(id: string, demand: Demand, capacity: Capacity, { what, fields }: Asker): void {
    const present = this.of(id);
    const before = present ? this.#lines(id, present, capacity) : [];
    const had = (line: Line) => before.find((one) => one.resource === line.resource && one.unit === line.unit)?.wanted ?? 0;
    const missing = this.#lines(id, demand, capacity).filter((line) => !line.fits && line.wanted > had(line));
    const more = missing.map((line) => ({ ...line, words: moreWords(line, had(line)) }));
    if (missing.length > 0) throw new Refusal(what, more, fields);
    this.put(id, demand);
  }

  /** What it would take, and whether there is room; enters nothing. */
  look(id: string, demand: Demand, capacity: Capacity): ClaimLine[] {
    return this.#lines(id, demand, capacity).map(({ words: _words, settings: _settings, ...line }) => line);
  }

  /** What is so, whether there is room or not. */
  put(id: string, demand: Demand): void {
    this.#held.set(id, { demand, revision: ++this.#revision });
    this.#ended.delete(id);
  }

  release(id: string): void {
    this.#held.delete(id);
    this.#ended.set(id, ++this.#revision);
  }

  /** All that a count found which began at the revision. What was entered or ended since is newer, and what is to be kept stays as it is. */
  replace(counted: ReadonlyMap<string, Demand>, begun: number, keep: (id: string) => boolean = () => false): void {
    for (const [id, { revision }] of [...this.#held]) if (revision <= begun && !counted.has(id) && !keep(id)) this.#held.delete(id);
    for (const [id, demand] of counted) if (!this.isNewer(id, begun)) this.put(id, demand);
    for (const [id, revision] of [...this.#ended]) if (revision <= begun) this.#ended.delete(id);
  }

  /** Whether something was entered or ended after the revision. */
  isNewer(id: string, revision: number): boolean {
    return (this.#held.get(id)?.revision ?? this.#ended.get(id) ?? 0) > revision;
  }

  rooms(capacity: Capacity): Room[] {
    return roomsOf(capacity, this.limits, sumOf(this.#demandsBut(null)));
  }

  *#demandsBut(id: string | null): Generator<Demand> {
    for (const [holder, { demand }] of this.#held) if (holder !== id) yield demand;
  }

  #lines(id: string, demand: Demand, capacity: Capacity): Line[] {
    const others = sumOf(this.#demandsBut(id));
    const wanted = sumOf([demand]);
    const pages = demand.hugepages;
    const known = roomsOf(capacity, this.limits, others);
    const rooms = pages && !known.some((room) => room.pageSizeKiB === pages.pageSizeKiB) ? [...known, unheardOf(pages.pageSizeKiB)] : known;
    return rooms.flatMap((room): Line[] => {
      switch (room.resource) {
        case 'vcpus':
          return line(room, wanted.vcpus);
        case 'memory':
          return line(room, wanted.memoryMiB);
        case 'disk':
          return line(withinFree(room, capacity, this.of(id)), demand.diskMiB);
        case 'pinned-cpus':
          return pinLine(room, demand.pinnedCpus, pinnableCpus(capacity, this.limits), others.pinnedCpus);
        case 'hugepages':
          return pages?.pageSizeKiB === room.pageSizeKiB ? line(room, pages?.pages ?? 0) : [];
      }
    });
  }
}

type Fields = Readonly<Record<ClaimLine['resource'], string>>;
const SPAWN_FIELDS: Fields = {
  vcpus: 'instance.vcpus',
  memory: 'instance.memoryMiB',
  disk: 'instance.disks',
  'pinned-cpus': 'instance.cpuTune.pins',
  hugepages: 'instance.hugepages.pageSizeKiB',
};

/** Says per resource what was wanted, what is free of how much, and what makes it more. */
class Refusal extends ComputeError {
  readonly resources: readonly ClaimLine['resource'][];
  constructor(what: string, missing: readonly Line[], fields: Partial<Fields>) {
    const words = missing.map((one) => one.words).join('; ');
    const [field] = missing.map(({ resource }) => fields[resource]);
    super('exhausted', `${what}: this host has no room for it: ${words}`, field === undefined ? {} : { field });
    this.resources = missing.map(({ resource }) => resource);
  }
}

/** The resources that a spawn was refused for; none when it was refused for something else. */
export function refusedResources(error: unknown): readonly ClaimLine['resource'][] {
  return error instanceof Refusal ? error.resources : [];
}

const freeOf = ({ total, reserved, claimed }: Room): number | undefined =>
  total === undefined ? undefined : Math.max(0, total - reserved - claimed);

function line(room: Room, wanted: number, free = freeOf(room)): Line[] {
  if (wanted === 0) return [];
  const { resource, unit, total, settings } = room;
  const words = `${resource}: ${wanted} ${unit} wanted, ${free} free of ${total} (${settings})`;
  return [
    {
      resource,
      unit,
      wanted,
      ...(free !== undefined && { free }),
      ...(total !== undefined && { total }),
      fits: free === undefined || wanted <= free,
      words,
      settings,
    },
  ];
}

/** What a guest has already is neither wanted nor free. */
function moreWords({ resource, unit, wanted, free = 0, total, settings }: Line, had: number): string {
  return `${resource}: ${wanted - had} ${unit} more wanted, ${Math.max(0, free - had)} free of ${total} (${settings})`;
}

/** Each of them has to be free: how many are says nothing. */
function pinLine(room: Room, wanted: readonly number[], pinnable: readonly number[] | undefined, taken: ReadonlySet<number>): Line[] {
  const strange = pinnable ? wanted.filter((cpu) => !pinnable.includes(cpu)) : [];
  const busy = wanted.filter((cpu) => taken.has(cpu) && !strange.includes(cpu));
  const why = [
    ...(strange.length > 0 ? [`${strange.join(', ')} not for pinning`] : []),
    ...(busy.length > 0 ? [`${busy.join(', ')} another guest's`] : []),
  ];
  return line(room, wanted.length).map((one) => ({ ...one, fits: why.length === 0, words: `${one.words}: ${why.join(', ')}` }));
}

/** Others write to the file system, too: with less than the reserve really free, nothing new fits. */
function withinFree(room: Room, { disk }: Capacity, own: Demand | undefined): Room {
  if (!disk || own !== undefined || disk.freeMiB > room.reserved) return room;
  return { ...room, claimed: room.total ?? 0 };
}

const unheardOf = (pageSizeKiB: number): Room => ({
  resource: 'hugepages',
  unit: `pages of ${pageSizeKiB} KiB`,
  pageSizeKiB,
  total: undefined,
  reserved: 0,
  claimed: 0,
  settings: '',
});
