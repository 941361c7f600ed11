/** Names of the deliberate differences: each has its reason in bindings/README.md, and a step of a scenario that shows it. */
export const DELIBERATE = [
  'argument-checks',
  'binding-errors',
  'closed',
  'cpumap-list',
  'deregister-result',
  'idle-stream',
  'ignored-flags',
  'no-get',
  'own-callback-ids',
  'several-callbacks',
  'swallowed',
  'unknown-key',
] as const;

/** Differences that no step can show: each has its reason in bindings/README.md, and a test by this name that shows it. */
export const BESIDE_THE_CALLS: Readonly<Record<string, string>> = {
  'by-new': 'no class is made by new, and each says who gives its objects',
  'callback-errors': 'a callback that throws is an uncaught exception and does not silence the others',
  'handler-results': 'a handler that fails aborts the stream',
  'last-error': 'the last error is that of the latest call, and goes with a success or a reset',
  'migrated-domain': 'the small lists give the golden output',
  'no-event-impl': 'an event loop in JavaScript is refused, with the reason',
  'nothing-printed': 'without a handler nothing is printed; with null libvirt prints',
  'once-a-turn': 'a descriptor is told of when it is ready, and once for each turn',
  'unfinished-streams': 'a stream that is forgotten or disposed of before its end is aborted',
  'unknown-callback': 'the old registration is known by its callback, which has one opaque',
  unsigned: 'missing and empty parts, wide values and many CPUs arrive',
};
