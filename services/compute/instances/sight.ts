import type { PowerState } from '../../common/messages/power-state.js';
import type { Desired } from '../ports.js';

/** What an instance's journal remembers of it. */
export interface Memory {
  readonly generation: number;
  readonly committed: boolean;
  readonly desired: Desired;
}

/** One instance, or what is left of one, as it was seen. */
export interface Sighting {
  readonly id: string;
  /** Null: there is no domain of ours under the id. */
  readonly powerState: PowerState | null;
  /** Of the domain's marks or, without a domain, of the journal; null: neither has one. */
  readonly generation: number | null;
  /** Null: no journal in which anything began. */
  readonly memory: Memory | null;
}

/** The whole host at one glance. */
export interface Survey {
  /** Everything that bears our marks or lies among our directories. */
  readonly sightings: readonly Sighting[];
  /** Domains of others: counted, and nothing else. */
  readonly foreign: number;
  /** How many of them another worker on the same hypervisor has made. */
  readonly ofOtherWorkers: number;
  /** What lies among the instances' directories under a name that is no instance's. */
  readonly strays: readonly string[];
  /** Files that take room for images and are of no use to anybody. */
  readonly orphanImages: readonly string[];
}

/** Why a guest changed its state, as the hypervisor says. */
export const CHANGE_REASONS = [
  'started',
  'restored',
  'resumed',
  'paused',
  'io-error',
  'shutdown',
  'destroyed',
  'crashed',
  'saved',
  'failed',
  'migrated',
  'unknown',
] as const;
export type ChangeReason = (typeof CHANGE_REASONS)[number];

/** Hears what happens on the host; must be quick and never throw. Nothing is heard of domains that surely are not ours. */
export interface HostWatcher {
  changed(id: string, powerState: PowerState, reason: ChangeReason): void;
  /** Its definition came; it may be one of ours, for its name is. */
  appeared(id: string): void;
  /** Its definition went. */
  vanished(id: string): void;
  /** Listening has begun, or begun again: whatever happened before was not heard. Survey. */
  listening(): void;
}

/** Our port to what is on the host, whoever put it there. Throws ComputeError and nothing else; changes nothing. */
export interface Sight {
  /** Never waits for a guest, and stands in nobody's way. @throws unavailable */
  survey(): Promise<Survey>;
  /** One of them, as it is now; null when nothing of ours is there. */
  sight(id: string): Promise<Sighting | null>;
  /** The journal alone, without a word to the hypervisor; null when it has none. */
  recall(id: string): Promise<Memory | null>;
  /** Tells the watcher until the function given back is called; `listening` comes at once when it listens already. */
  watch(watcher: HostWatcher): () => void;
}
