import { after, forgetting, halfWayIn, type Excused, type Instance, NOTHING, type Power } from './model.js';
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
}

export interface Explained {
  /** How the instance may stand in the end. */
  readonly ends: readonly Instance[];
  /** The most commands that could be put in an order before nothing fitted: for the report of a failure. */
  readonly longest: readonly Sent[];
}

/**
 * Looks for an order of the commands in which the model gives every answer that was given (linearizability): a command that was answered before
 * another was sent comes before it, as do those of one queue in the order of their sending, unless both may have come again.
 */
export function explain(sent: readonly Sent[], { excused, cutOff, comesAgain, blows }: Circumstances): Explained {
  const ends = new Map<string, Instance>();
  const seen = new Set<string>();
  let longest: readonly Sent[] = [];
  const all = (1 << sent.length) - 1;
  const before = sent.map((one) => maskOf(sent, (other) => other !== one && precedes(other, one, comesAgain(other) && comesAgain(one))));
  const walk = (mask: number, blown: number, reached: Instance, order: readonly Sent[]): void => {
    const state = forgetting(reached, new Set(sent.filter((_, i) => !(mask & (1 << i))).map(({ messageId }) => messageId)));
    const key = `${mask} ${blown} ${JSON.stringify(state)}`;
    if (seen.has(key)) return;
    seen.add(key);
    if (order.length > longest.length) longest = order;
    if (mask === all) ends.set(JSON.stringify(state), state);
    for (const [i] of blows.entries()) if (!(blown & (1 << i))) walk(mask, blown | (1 << i), withoutPower(state), order);
    for (const [i, one] of sent.entries()) {
      if (mask & (1 << i) || (before[i] ?? 0) & ~mask) continue;
      for (const overtaken of [0, ...overtakenBy(one, sent)]) {
        if (cutOff(one)) for (const midst of halfWayIn(state, one, overtaken)) walk(mask, blown, midst, order);
        const next = [...after(state, one, excused(one), overtaken), ...asItsCopy(state, sent, mask, one)];
        for (const then of next) walk(mask | (1 << i), blown, then, [...order, one]);
      }
    }
  };
  walk(0, 0, NOTHING, []);
  return { ends: [...ends.values()], longest };
}

/** A copy may be given the answer of the one that came before, and nothing is done. */
function asItsCopy(state: Instance, sent: readonly Sent[], mask: number, one: Sent): Instance[] {
  const earlier = sent.some((other, i) => mask & (1 << i) && other.messageId === one.messageId && sameVerdict(other, one));
  return earlier ? [state] : [];
}

const sameVerdict = (a: Sent, b: Sent): boolean => a.result !== null && b.result !== null && verdictOf(a.result) === verdictOf(b.result);

/** A destroy passes what waits. */
const precedes = (a: Sent, b: Sent, anyOrder: boolean): boolean =>
  a.answeredAt < b.sentAt || (!anyOrder && a.queue === b.queue && a.number < b.number && b.wish.type !== 'instance.destroy');

/** Generations of the spawns that a destroy without one may have met on their way. */
function overtakenBy({ wish, sentAt, answeredAt }: Sent, sent: readonly Sent[]): number[] {
  if (wish.type !== 'instance.destroy' || wish.generation !== undefined) return [];
  const met = sent.filter((one) => one.wish.type === 'instance.spawn' && one.sentAt <= answeredAt && one.answeredAt >= sentAt);
  return [...new Set(met.map((one) => one.wish.generation ?? 1))];
}

const maskOf = (sent: readonly Sent[], fits: (one: Sent) => boolean): number =>
  sent.reduce((mask, one, i) => (fits(one) ? mask | (1 << i) : mask), 0);

function withoutPower(state: Instance): Instance {
  const { there } = state;
  if (!there || !(['running', 'paused'] as Power[]).includes(there.power)) return state;
  return { ...state, there: { ...there, power: 'shutdown' } };
}
