import type { PowerState } from '../../common/messages/power-state.js';
import { type Condition, conditionOf, isAsDesired } from './condition.js';
import type { ChangeReason, Memory, Sighting, Survey } from './sight.js';

/** What the worker knows of an instance without asking anybody. */
export interface KnownInstance extends Sighting {
  /** Rises with every change of anything in the register. */
  readonly revision: number;
}

/** From one state of knowledge to the next; null: not known before, or no more. */
export interface RegisterChange {
  readonly id: string;
  readonly before: KnownInstance | null;
  readonly after: KnownInstance | null;
  /** The hypervisor's word, where it came by an event. */
  readonly reason: ChangeReason | null;
}

/** The instances of the host as last seen or heard of: some 200 bytes each. Fed by surveys, looks and events; asks nobody itself. */
export class InstanceRegister {
  readonly #known = new Map<string, KnownInstance>();
  /** What was heard of ids since the last survey began, and when: newer than a look that began before. */
  readonly #heard = new Map<string, { readonly revision: number; readonly powerState: PowerState }>();
  readonly #listeners = new Set<(change: RegisterChange) => void>();
  readonly #surveyListeners = new Set<() => void>();
  #revision = 0;
  #foreign = 0;
  #ofOtherWorkers = 0;
  #strays: readonly string[] = [];
  #orphanImages: readonly string[] = [];

  get revision(): number {
    return this.#revision;
  }

  get foreign(): number {
    return this.#foreign;
  }

  get ofOtherWorkers(): number {
    return this.#ofOtherWorkers;
  }

  get strays(): readonly string[] {
    return this.#strays;
  }

  get orphanImages(): readonly string[] {
    return this.#orphanImages;
  }

  get size(): number {
    return this.#known.size;
  }

  get(id: string): KnownInstance | undefined {
    return this.#known.get(id);
  }

  all(): IterableIterator<KnownInstance> {
    return this.#known.values();
  }

  /** Listeners must be quick and never throw. The function given back ends it. */
  onChange(listener: (change: RegisterChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Told after each survey, when all that it changed was told. As `onChange`. */
  onSurvey(listener: () => void): () => void {
    this.#surveyListeners.add(listener);
    return () => this.#surveyListeners.delete(listener);
  }

  /** An event's word: the state alone is new. Of an id that is not known yet it is kept for whoever looks whose it is. */
  hear(id: string, powerState: PowerState, reason: ChangeReason): void {
    this.#heard.set(id, { revision: ++this.#revision, powerState });
    const known = this.#known.get(id);
    if (known) this.#put({ ...known, powerState }, reason);
  }

  /** The state as last seen or heard; null when nobody has told. */
  stateOf(id: string): PowerState | null {
    return this.#heard.get(id)?.powerState ?? this.#known.get(id)?.powerState ?? null;
  }

  /** A look at one, as of the revision at which it began. What was heard of it since is newer. */
  see(id: string, sighting: Sighting | null, begun: number): void {
    const heard = this.#heard.get(id);
    const newer = heard && heard.revision > begun ? heard : undefined;
    if (!newer) this.#heard.delete(id);
    if (sighting)
      this.#put({ ...sighting, powerState: newer && sighting.powerState !== null ? newer.powerState : sighting.powerState }, null);
    else if (!newer) this.#drop(id);
  }

  /** What its journal says of an instance whose state is known, or was heard. */
  remember(id: string, memory: Memory): void {
    this.#put({ id, powerState: this.stateOf(id), generation: memory.generation, memory }, null);
  }

  /** A survey, as of the revision at which it began. Gives those that were heard of since: they are known better, and want a look. */
  take({ sightings, foreign, ofOtherWorkers, strays, orphanImages }: Survey, begun: number): string[] {
    this.#foreign = foreign;
    this.#ofOtherWorkers = ofOtherWorkers;
    this.#strays = strays;
    this.#orphanImages = orphanImages;
    for (const [id, { revision }] of this.#heard) if (revision <= begun) this.#heard.delete(id);
    const seen = new Map(sightings.map((sighting) => [sighting.id, sighting]));
    const newer = [...this.#heard.keys()];
    for (const id of newer) seen.delete(id);
    for (const id of [...this.#known.keys()]) if (!seen.has(id) && !this.#heard.has(id)) this.#drop(id);
    for (const sighting of seen.values()) this.#put(sighting, null);
    for (const listener of this.#surveyListeners) listener();
    return newer;
  }

  /** How many there are of each condition. */
  conditions(): ReadonlyMap<Condition, number> {
    return this.#count(conditionOf);
  }

  /** How many of those that are made are in each state. */
  states(): ReadonlyMap<PowerState | 'missing', number> {
    return this.#count((known) => (isMade(known) ? (known.powerState ?? 'missing') : null));
  }

  /** How many are not where they belong, by `<desired> <state>`. */
  mismatches(): ReadonlyMap<string, number> {
    return this.#count((known) =>
      isAsDesired(known) ? null : `${known.memory?.desired.powerState ?? 'unknown'} ${known.powerState ?? 'missing'}`,
    );
  }

  #count<K>(keyOf: (known: KnownInstance) => K | null): Map<K, number> {
    const counts = new Map<K, number>();
    for (const known of this.#known.values()) {
      const key = keyOf(known);
      if (key !== null) counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return counts;
  }

  #put({ id, powerState, generation, memory }: Sighting, reason: ChangeReason | null): void {
    const before = this.#known.get(id) ?? null;
    const next = { id, powerState, generation, memory };
    if (before && isSame(before, next)) return;
    const after = { ...next, revision: ++this.#revision };
    this.#known.set(id, after);
    this.#tell({ id, before, after, reason });
  }

  #drop(id: string): void {
    const before = this.#known.get(id);
    if (!before) return;
    this.#known.delete(id);
    this.#revision++;
    this.#tell({ id, before, after: null, reason: null });
  }

  #tell(change: RegisterChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

const isMade = (known: KnownInstance): boolean => ['whole', 'missing', 'orphan-domain'].includes(conditionOf(known));

function isSame(a: Sighting, b: Sighting): boolean {
  return a.powerState === b.powerState && a.generation === b.generation && isSameMemory(a.memory, b.memory);
}

function isSameMemory(a: Memory | null, b: Memory | null): boolean {
  if (a === null || b === null) return a === b;
  const sameDesired = a.desired.powerState === b.desired.powerState && a.desired.autodestroy === b.desired.autodestroy;
  return sameDesired && a.generation === b.generation && a.committed === b.committed;
}
