/** Where a fixture registers its own end: a test's context, or `{ after }` of node:test for a whole file. */
export interface TakeAway {
  after(end: () => Promise<void>): void;
}
