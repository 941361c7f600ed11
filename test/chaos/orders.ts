import { isHopeless } from './hopeless.js';
import { after, DRAINED, forgetting, halfWayIn, type Excused, type Instance, LOOKS, NOTHING, type Power } from './model.js';
import { verdictOf, type Sent } from './sent.js';

/** Something that no command asked for and that may have happened once, at any time after it was done. */
export interface Blow {
  readonly what: 'qemu killed';
  readonly at: number;
}

export interface Circumstances {
  readonly excused: (one: Sent) => Excused;
  /** The worker died while it was under way. */
  readonly cutOff: (one: Sent) => boolean;
  /** The worker, the broker or the line between them died while it was under way: it may have been handed out again, behind others. */
  readonly comesAgain: (one: Sent) => boolean;
  readonly blows: readonly Blow[];
  /** Whether an end is what is looked for: the search ends with it. Absent: all ends are wanted. */
  readonly enough?: (end: Instance) => boolean;
}

export interface Explained {
  /** How the instance may stand in the end. */
  readonly ends: readonly Instance[];
  /** The most commands that could be put in an order before nothing fitted: for the report of a failure. */
  readonly longest: readonly Sent[];
  /** It was given up: there may be an order, and none was found. */
  readonly undecided: boolean;
}

/** Some minutes. */
const MOST_STEPS = 2_000_000;

/**
 * Looks for an order of the commands in which the model gives every answer that was given (linearizability): a command that was answered before
 * another was sent comes before it, as do those of one queue, or another door, in the order of their sending, unless both may have come again.
 */
export function explain(all: readonly Sent[], { excused, cutOff, comesAgain, blows, enough = () => false }: Circumstances): Explained {
  // The order of the answers is mostly the order of the deeds: it is tried first.
  const sent = all.filter((one) => !looksBeside(one, all)).sort((a, b) => a.answeredAt - b.answeredAt);
  if (sent.length > 31) throw new Error(`${sent.length} commands for one instance are more than the search has bits for`);
  const ends = new Map<string, Instance>();
  const seen = new Set<string>();
  let longest: readonly Sent[] = [];
  const whole = maskOf(sent, () => true);
  const before = sent.map((one) => maskOf(sent, (other) => other !== one && precedes(other, one, comesAgain(other) && comesAgain(one))));
  const copied = new Set(sent.filter((one) => sent.some((other) => other !== one && other.messageId === one.messageId)));
  const known = sent.map((one, i) => ({ one, i, excuses: excused(one), cut: cutOff(one), overtaking: [0, ...overtakenBy(one, sent)] }));
  /** True: what was looked for is found. What happens seldom is tried last. */
  const walk = (mask: number, blown: number, reached: Instance, order: readonly Sent[]): boolean => {
    const left = sent.filter((_, i) => !(mask & (1 << i)));
    const state = forgetting(reached, new Set(left.map(({ messageId }) => messageId)));
    const key = `${mask} ${blown} ${JSON.stringify(state)}`;
    if (seen.has(key) || seen.size >= MOST_STEPS) return false;
    seen.add(key);
    if (order.length > longest.length) longest = order;
    if (isHopeless(state, left, copied)) return false;
    if (mask === whole) {
      ends.set(JSON.stringify(state), state);
      if (enough(state)) return true;
    }
    const next = known.flatMap(({ i, overtaking, ...rest }) =>
      mask & (1 << i) || (before[i] ?? 0) & ~mask ? [] : overtaking.map((overtaken) => ({ i, overtaken, ...rest })),
    );
    return (
      next.some(({ one, i, overtaken, excuses }) =>
        [...after(state, one, excuses, overtaken), ...asItsCopy(state, sent, mask, one)].some((then) =>
          walk(mask | (1 << i), blown, then, [...order, one]),
        ),
      ) ||
      next.some(({ one, overtaken, cut }) => cut && halfWayIn(state, one, overtaken).some((midst) => walk(mask, blown, midst, order))) ||
      blows.some((_, i) => !(blown & (1 << i)) && walk(mask, blown | (1 << i), withoutPower(state), order))
    );
  };
  walk(0, 0, NOTHING, []);
  return { ends: [...ends.values()], longest, undecided: seen.size >= MOST_STEPS };
}

/** A copy may be given the answer of the one that came before, and nothing is done. */
function asItsCopy(state: Instance, sent: readonly Sent[], mask: number, one: Sent): Instance[] {
  const earlier = sent.some((other, i) => mask & (1 << i) && other.messageId === one.messageId && sameVerdict(other, one));
  return earlier ? [state] : [];
}

const sameVerdict = (a: Sent, b: Sent): boolean => a.result !== null && b.result !== null && verdictOf(a.result) === verdictOf(b.result);

/** It runs beside what changes the instance, and sees it in whichever midst: such an answer says nothing about the order. */
function looksBeside(one: Sent, all: readonly Sent[]): boolean {
  if (!LOOKS.includes(one.wish.type)) return false;
  return all.some((other) => !LOOKS.includes(other.wish.type) && other.sentAt <= one.answeredAt && overAt(other) >= one.sentAt);
}

/** Words of an answer that was given before the command was over. */
const STILL_UNDER_WAY = /not known yet|still to be taken away/;

const NOT_BEGUN = /passed before the command was begun; nothing was done for it now/;

/** Nothing was done for it: whoever waits may be told so before those in front of it, and a door that is closed says so at once. */
function leftItsLine({ result }: Sent): boolean {
  const message = result?.error?.message ?? '';
  return NOT_BEGUN.test(message) || DRAINED.test(message);
}

const overAt = ({ result, answeredAt }: Sent): number => (STILL_UNDER_WAY.test(result?.error?.message ?? '') ? Infinity : answeredAt);

/** A destroy passes what waits. */
const precedes = (a: Sent, b: Sent, anyOrder: boolean): boolean =>
  overAt(a) < b.sentAt ||
  (!anyOrder &&
    a.inOrder &&
    b.inOrder &&
    a.door === b.door &&
    a.queue === b.queue &&
    a.number < b.number &&
    !leftItsLine(b) &&
    b.wish.type !== 'instance.destroy');

/** Generations of the spawns that a destroy without one may have met on their way. */
function overtakenBy({ wish, sentAt, answeredAt }: Sent, sent: readonly Sent[]): number[] {
  if (wish.type !== 'instance.destroy' || wish.generation !== undefined) return [];
  const met = sent.filter(
    (one) => one.wish.type === 'instance.spawn' && !one.wish.dryRun && one.sentAt <= answeredAt && one.answeredAt >= sentAt,
  );
  return [...new Set(met.map((one) => one.wish.generation ?? 1))];
}

const maskOf = (sent: readonly Sent[], fits: (one: Sent) => boolean): number =>
  sent.reduce((mask, one, i) => (fits(one) ? mask | (1 << i) : mask), 0);

function withoutPower(state: Instance): Instance {
  const { there } = state;
  if (!there || !(['running', 'paused'] as Power[]).includes(there.power)) return state;
  return { ...state, there: { ...there, power: 'shutdown' } };
}
