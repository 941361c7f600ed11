/** Names of the deliberate differences: each has its reason in bindings/README.md, and a step of a scenario that shows it. */
export const DELIBERATE = [
  'argument-checks',
  'binding-errors',
  'closed',
  'cpumap-list',
  'deregister-result',
  'idle-stream',
  'no-get',
  'own-callback-ids',
  'several-callbacks',
  'swallowed',
  'unknown-key',
] as const;
