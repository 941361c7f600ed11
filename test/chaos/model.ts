import { changed, CHANGING, refusedDisk, ways } from './model-changes.js';
import type { Sent, Wish } from './sent.js';

const POWERS = ['running', 'paused', 'shutdown', 'suspended'] as const;
export type Power = (typeof POWERS)[number];

/** All that the model knows of an instance. */
export interface Instance {
  /** Null: there is none. */
  readonly there: There | null;
  /** Highest generation that was destroyed. */
  readonly buried: number;
  /** By messageId: commands that were cut off half-way, and destroys; with the generation that they found. */
  readonly halfDone: Readonly<Record<string, number>>;
  /** Names of the snapshots that were made of it; a destroy leaves them. */
  readonly snapshots: readonly string[];
}

export interface There {
  readonly generation: number;
  readonly specHash: string;
  readonly power: Power;
  readonly desired: Power;
  /** JSON. */
  readonly metadata: string;
  readonly vcpus: number;
  /** Null: it has no disks. */
  readonly firstDiskMiB: number | null;
  /** The disk that comes and goes: there is none, a file that no guest has, or one that the guest has. */
  readonly extraDisk: 'none' | 'file' | 'attached';
  /** It has the interface that comes and goes. */
  readonly nic: boolean;
  /** It boots from a rescue image, and this is what it was before; null: it does not. */
  readonly rescued: 'running' | 'shutdown' | null;
  /** `verb messageId` of what was done. */
  readonly done: readonly string[];
}

export const NOTHING: Instance = { there: null, buried: 0, halfDone: {}, snapshots: [] };

/** Commands that change nothing. */
export const LOOKS: readonly string[] = ['instance.get', 'instance.console', 'instance.diagnostics'];

/** Failures that a fault may excuse; each leaves things as they were, or done, or half done. */
export type Excused = ReadonlySet<string>;

type Rule = 'act' | 'nothing' | 'refuse';
const row = (running: Rule, paused: Rule, shutdown: Rule, suspended: Rule): Readonly<Record<Power, Rule>> => ({
  running,
  paused,
  shutdown,
  suspended,
});
/** docs/verbs.md, written down a second time. */
const RULES: Readonly<Record<string, Readonly<Record<Power, Rule>>>> = {
  start: row('nothing', 'refuse', 'act', 'refuse'),
  startPaused: row('nothing', 'nothing', 'act', 'refuse'),
  stop: row('act', 'refuse', 'nothing', 'refuse'),
  stopAtOnce: row('act', 'act', 'nothing', 'refuse'),
  rebootSoft: row('act', 'refuse', 'refuse', 'refuse'),
  rebootHard: row('act', 'act', 'act', 'act'),
  pause: row('act', 'nothing', 'refuse', 'refuse'),
  unpause: row('nothing', 'act', 'refuse', 'refuse'),
  suspend: row('act', 'refuse', 'refuse', 'nothing'),
  resume: row('nothing', 'refuse', 'refuse', 'act'),
};
const LEADS_TO: Readonly<Record<string, Power>> = {
  start: 'running',
  startPaused: 'paused',
  stop: 'shutdown',
  stopAtOnce: 'shutdown',
  rebootSoft: 'running',
  rebootHard: 'running',
  pause: 'paused',
  unpause: 'running',
  suspend: 'suspended',
  resume: 'running',
};

function ruleOf({ type, paused, grace, mode }: Wish): string {
  const verb = type.slice('instance.'.length);
  if (verb === 'start') return paused ? 'startPaused' : 'start';
  if (verb === 'stop') return grace === 0 ? 'stopAtOnce' : 'stop';
  if (verb === 'reboot') return mode === 'hard' ? 'rebootHard' : 'rebootSoft';
  return verb;
}

/** Verbs of an instance that boots from a rescue image; of another rescue the model says itself what becomes. */
const WHILE_RESCUED: ReadonlySet<string> = new Set(['start', 'stop', 'reboot', 'unpause', 'setMetadata', 'rescue', 'unrescue']);

/** What the model expects of a command: the verdict of its answer, and the instance after it. */
export interface Expected {
  readonly verdict: string;
  readonly after: Instance;
}

/** Several where the guest decides, or an attempt that was cut off. */
function expected(now: Instance, { wish, messageId }: Sent, overtaken = 0): Expected[] {
  const refused = (kind: string): Expected[] => [{ verdict: `failed ${kind}`, after: now }];
  const { there } = now;
  if (wish.type === 'instance.spawn') return [wish.dryRun ? { ...spawned(now, wish), after: now } : spawned(now, wish)];
  if (wish.type === 'instance.destroy') {
    const generation = wish.generation ?? now.halfDone[messageId] ?? Math.max(there?.generation ?? 1, overtaken);
    const buried = Math.max(now.buried, generation);
    const halfDone = { ...now.halfDone, [messageId]: generation };
    return [{ verdict: 'done', after: { ...now, halfDone, there: there && there.generation > generation ? there : null, buried } }];
  }
  if (!there) return refused('not-found');
  if (wish.generation !== undefined && wish.generation !== there.generation) return refused('conflict');
  const verb = wish.type.slice('instance.'.length);
  if (LOOKS.includes(wish.type)) return [{ verdict: 'done', after: now }];
  const key = `${verb} ${messageId}`;
  if (there.done.includes(key)) return [{ verdict: 'done', after: now }];
  const done = [...there.done, key].sort();
  if (there.rescued !== null && !WHILE_RESCUED.has(verb))
    return verb === 'attachDisk' ? refusedDisk({ ...now, there }) : refused('precondition');
  if (verb === 'setMetadata')
    return [{ verdict: 'done', after: { ...now, there: { ...there, done, metadata: JSON.stringify(wish.metadata) } } }];
  if (CHANGING.has(verb)) return changed({ ...now, there }, wish, done, messageId in now.halfDone);
  const rule = ruleOf(wish);
  const what = verb === 'reboot' && messageId in now.halfDone ? goOn(there.power) : RULES[rule]?.[there.power];
  if (what === 'refuse' || what === undefined) return refused('precondition');
  const power = what === 'act' ? (LEADS_TO[rule] ?? there.power) : there.power;
  return [{ verdict: 'done', after: { ...now, there: { ...there, done, power, desired: power } } }];
}

function spawned(now: Instance, wish: Wish): Expected {
  const { generation = 1, specHash = '', paused, metadata = {}, vcpus = 1, firstDiskMiB = null } = wish;
  const { there, buried } = now;
  if (generation <= buried) return { verdict: 'failed conflict', after: now };
  if (there) {
    const same = there.specHash === specHash && there.generation === generation;
    return { verdict: same ? 'done' : 'failed already-exists', after: now };
  }
  const power = paused ? 'paused' : 'running';
  return {
    verdict: 'done',
    after: {
      ...now,
      there: {
        ...{ generation, specHash, power, desired: power, metadata: JSON.stringify(metadata), done: [] },
        ...{ vcpus, firstDiskMiB, extraDisk: 'none', nic: false, rescued: null },
      },
    },
  };
}

/** A reboot that finds the guest in another run than the one that it began with has come to its end. */
const goOn = (power: Power): Rule => (power === 'running' || power === 'paused' ? 'nothing' : 'act');

/** The instance in the midst of a command that is cut off here and comes again: commands of the other queue may see it so. */
export function halfWayIn(now: Instance, sent: Sent, overtaken = 0): Instance[] {
  const { wish, messageId } = sent;
  const { there, halfDone } = now;
  if (messageId in halfDone || wish.dryRun || LOOKS.includes(wish.type)) return [];
  const marked = { ...halfDone, [messageId]: wish.generation ?? Math.max(there?.generation ?? 1, overtaken) };
  return expected(now, sent, overtaken)
    .filter(({ verdict }) => verdict === 'done' || wish.type === 'instance.attachDisk')
    .flatMap(({ after: then }) => midstOf(now, then, wish))
    .map((midst) => ({ ...midst, halfDone: marked }));
}

function midstOf(now: Instance, then: Instance, wish: Wish): Instance[] {
  const { there } = now;
  if (wish.type === 'instance.spawn') return [then];
  if (wish.type === 'instance.destroy') {
    const stopped = there && !then.there ? { ...there, power: 'shutdown' as const } : then.there;
    return [then, { ...then, there: stopped }];
  }
  if (!there || !then.there) return [];
  if (CHANGING.has(wish.type.slice('instance.'.length))) return ways({ ...now, there }, { ...then, there: then.there }, wish);
  if (wish.type !== 'instance.reboot') return [{ ...now, there: { ...there, power: then.there.power } }];
  return [{ ...now, there: { ...there, power: 'shutdown' } }];
}

/** Without what only copies of the commands that are through would ask for: all else being equal, it is the same instance. */
export function forgetting(now: Instance, mayComeAgain: ReadonlySet<string>): Instance {
  const { there } = now;
  const again = (messageId: string): boolean => mayComeAgain.has(messageId);
  const halfDone = Object.fromEntries(
    Object.entries(now.halfDone)
      .filter(([messageId]) => again(messageId))
      .sort(),
  );
  return { ...now, halfDone, there: there && { ...there, done: there.done.filter((key) => again(key.split(' ')[1] ?? '')) } };
}

/** Words of a refusal by something half done: another command about the instance was cut off, and comes again. */
const HALF_DONE = /its spawn has not come to its end|its domain was taken away outside of novalet/;

/** Words of a look at an instance of which a destroy has left something. */
const GOING = /it is destroyed, and not all of it is gone yet/;

/** Words of a spawn's refusal by a host that takes nothing new; `drained` among what is excused says that it may be so. */
export const DRAINED = /the host has been drained since|the host takes no new instances since/;

/**
 * The instance as it may stand after the command, given its answer; none when the model would not have answered so.
 * @param overtaken the highest generation of the spawns that a destroy without one has passed or called off
 */
export function after(now: Instance, sent: Sent, excused: Excused, overtaken = 0): Instance[] {
  const { result, wish } = sent;
  if (!result) return [];
  const { outcome, error } = result;
  const verdict = error ? `${outcome} ${error.kind}` : outcome;
  const all = expected(now, sent, overtaken);
  if (wish.type === 'instance.get' && (result.record?.committed === false || result.record?.missing)) return [now];
  if (error?.kind === 'precondition' && DRAINED.test(error.message)) return excused.has('drained') ? [now] : [];
  if (error && excused.has(error.kind)) return all.flatMap(({ after: then }) => halfWay(now, then, sent));
  if (error?.kind === 'not-found' && GOING.test(error.message)) return !now.there || now.there.generation <= now.buried ? [now] : [];
  if (error?.kind === 'precondition' && HALF_DONE.test(error.message)) return [now];
  if (wish.type === 'instance.get' && outcome === 'done' && !agrees(now, sent)) return [];
  return all.filter(({ verdict: wanted }) => verdict === wanted).map(({ after: then }) => then);
}

function halfWay(now: Instance, then: Instance, { wish, result }: Sent): Instance[] {
  const { there } = now;
  const { type } = wish;
  if (type === 'instance.destroy') {
    const stopped = there && { ...there, power: 'shutdown' as const };
    return [now, then, { ...now, buried: then.buried }, { ...now, buried: then.buried, there: stopped }];
  }
  // Nothing of a spawn that failed stays, unless its answer says so.
  if (type === 'instance.spawn') return result?.error?.leftovers && !wish.dryRun ? [now, then] : [now];
  if (!there || !then.there) return [now, then];
  if (CHANGING.has(type.slice('instance.'.length))) return [now, then, ...ways({ ...now, there }, { ...then, there: then.there }, wish)];
  const powers = type === 'instance.reboot' ? [...POWERS] : [then.there.power];
  return [now, then, ...powers.map((power) => ({ ...now, there: { ...there, power } }))]; // done, and not noted
}

/** Whether a look saw what the model has. What is half made says so, and anything goes. */
function agrees({ there }: Instance, { result }: Sent): boolean {
  if (!there || !result?.record || !result.instance || !result.record.committed) return true;
  const { instance, record } = result;
  return (
    instance.powerState === there.power &&
    instance.generation === there.generation &&
    instance.specHash === there.specHash &&
    record.desiredPowerState === there.desired &&
    (record.rescued ?? false) === (there.rescued !== null) &&
    sameJson(record.metadata, JSON.parse(there.metadata) as Record<string, string>)
  );
}

function sameJson(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const sorted = (all: Readonly<Record<string, string>>) => JSON.stringify(Object.entries(all).sort());
  return sorted(a) === sorted(b);
}
