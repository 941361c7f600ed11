/** Where a fixture registers its own end: a test's context, or `{ after }` of node:test for a whole file. */
export interface TakeAway {
  after(end: () => Promise<void>): void;
}

const ends = new WeakMap<TakeAway, (() => Promise<void>)[]>();

/** Registers the end of what a fixture made. The last one made ends first: a worker before its broker. */
export function takeAwayAfter(t: TakeAway, end: () => Promise<void>): void {
  const known = ends.get(t);
  if (known) {
    known.push(end);
    return;
  }
  const all = [end];
  ends.set(t, all);
  t.after(async () => {
    for (const one of all.reverse()) await one();
  });
}
