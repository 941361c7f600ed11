import type { CommandType } from '../../common/messages/commands.js';
import { InstanceSpec, type UserMetadata } from '../../common/messages/instance-spec.js';
import type { PowerState } from '../../common/messages/power-state.js';
import type { ErrorReport } from '../../common/messages/results.js';
import { withoutSecrets } from '../../common/messages/secret.js';
import { type Condition, conditionOf } from '../instances/condition.js';
import type { Memory, Sighting } from '../instances/sight.js';
import type { SpecNow } from '../instances/spec-now.js';
import type { Desired, FoundInstance } from '../ports.js';

/** The last command that failed, until one of the instance's is done. */
export interface Fault {
  readonly command: CommandType;
  readonly requestId: string;
  /** RFC 3339. */
  readonly at: string;
  readonly error: ErrorReport;
}

/** What the log of revisions says of an instance: what anybody may see of it. */
export interface RecordedInstance {
  readonly id: string;
  readonly generation: number;
  /** Null: no guest yet, or none any more. */
  readonly powerState: PowerState | null;
  readonly condition: Condition;
  readonly desired: Desired | null;
  /** The command that is in hand; null: none. */
  readonly task: CommandType | null;
  readonly fault: Fault | null;
  readonly details: Details | null;
  /** When this host first knew of it; RFC 3339. */
  readonly since: string;
}

/** What its spawn said of it. */
export interface Details {
  readonly specHash: string;
  /** The request that made it. */
  readonly requestId: string;
  /** Without its secrets, with what commands changed of it; null: nobody can say any more. */
  readonly spec: SpecNow | null;
  readonly metadata: UserMetadata;
  /** It boots from a rescue image. */
  readonly rescued: boolean;
}

export function newlyKnown(id: string, generation: number, now: Date): RecordedInstance {
  const since = now.toISOString();
  return { id, generation, powerState: null, condition: 'half-made', desired: null, task: null, fault: null, details: null, since };
}

/** As it was seen. Another generation is another instance: nothing of the one before is true of it. */
export function asSeen(known: RecordedInstance | null, sighting: Sighting, now: Date): RecordedInstance {
  const { id, powerState, memory } = sighting;
  const generation = sighting.generation ?? known?.generation ?? 1;
  const same = known?.generation === generation ? known : { ...newlyKnown(id, generation, now), task: known?.task ?? null };
  return { ...same, powerState, condition: conditionOf(sighting), desired: memory ? desiredOf(memory) : same.desired };
}

/** As the journal has it. */
export function asRemembered(known: RecordedInstance, memory: Memory): RecordedInstance {
  if (memory.generation !== known.generation) return known;
  return { ...known, condition: conditionOf({ powerState: known.powerState, memory }), desired: desiredOf(memory) };
}

export function detailsOf({ specHash, requestId, spec, metadata, rescued }: FoundInstance): Details {
  return { specHash, requestId, spec: spec ? specShown(spec) : null, metadata: sorted(metadata), rescued: rescued === true };
}

/** What may be seen of a spec; the metadata stands beside it. */
export function specShown(spec: SpecNow): SpecNow {
  const { metadata: _metadata, ...shown } = withoutSecrets(InstanceSpec, spec) as SpecNow;
  return shown;
}

/** In one order: the same entries in another one are no change. */
export function sorted(metadata: UserMetadata): UserMetadata {
  return Object.fromEntries(Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function desiredOf({ desired: { powerState, autodestroy } }: Memory): Desired {
  return { powerState, autodestroy };
}
