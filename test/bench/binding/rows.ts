import type { Who } from './rivals.js';

/** Where a row is measured: which driver, with what in it. */
export interface Ground {
  readonly kind: 'local' | 'remote';
  /** Domains on it, besides the one that the orders use. */
  readonly domains: number;
}

/** A limit for our figure, relative to a rival's or absolute. */
export interface Limit {
  readonly than: Who | null;
  readonly atMost?: number;
  readonly atLeast?: number;
}

export interface BenchRow {
  readonly key: string;
  readonly what: string;
  readonly unit: 'µs' | 'ns' | 'ms' | 'calls/s' | 'cycles/s' | 'B';
  readonly ground: Ground;
  readonly order: readonly (string | number)[];
  /** Which figure of the answer. */
  readonly figure: number;
  readonly who: readonly Who[];
  readonly limit: Limit;
  /** C and Python with libvirt's default event loop in a thread. */
  readonly events?: boolean;
  /** With the library that gives sixty statistics a domain. */
  readonly sixty?: boolean;
  readonly repeats: number;
  /** How often the order is given before it is measured; once if not said. */
  readonly warmUps?: number;
  /** In a new process every time: what was freed before would be used again. */
  readonly fresh?: boolean;
}

const LOCAL: Ground = { kind: 'local', domains: 0 };
const REMOTE: Ground = { kind: 'remote', domains: 0 };
const ALL: readonly Who[] = ['C', 'Python', 'ours', 'unraid'];
const THREE: readonly Who[] = ['C', 'Python', 'ours'];

/** All rows; `scale` makes them shorter. */
export function rows(scale = 1): BenchRow[] {
  const some = (n: number): number => Math.max(32, Math.round(n * scale));
  const repeats = scale < 1 ? 1 : 7;
  const row = (
    key: string,
    what: string,
    unit: BenchRow['unit'],
    rest: Pick<BenchRow, 'ground' | 'order' | 'who' | 'limit'> & Partial<BenchRow>,
  ): BenchRow => ({
    figure: 0,
    repeats,
    ...rest,
    key,
    what,
    unit,
  });
  const accessor = (figure: number, name: string): BenchRow =>
    row(`accessor-${name}`, `${name}()`, 'ns', {
      ground: LOCAL,
      order: ['accessors', some(200_000)],
      figure,
      who: THREE,
      limit: { than: null, atMost: 300 },
    });
  const thousand = { kind: 'local', domains: some(1000) } as const;
  const many = some(5000);
  return [
    row('remote-serial', 'remote call, one after the other, p50', 'µs', {
      ground: REMOTE,
      order: ['serial', some(4000)],
      who: ALL,
      limit: { than: 'C', atMost: 1.4 },
    }),
    row('remote-flight', 'remote calls, 16 in flight; rivals without an event loop', 'calls/s', {
      ground: REMOTE,
      order: ['flight', some(16_000), 16],
      who: ALL,
      limit: { than: 'Python', atLeast: 1 },
    }),
    row('remote-flight-events', 'remote calls, 16 in flight; all with an event loop', 'calls/s', {
      ground: REMOTE,
      order: ['flight', some(16_000), 16],
      who: THREE,
      events: true,
      limit: { than: 'Python', atLeast: 2 },
    }),
    row('local-flight', 'local calls, 16 in flight', 'calls/s', {
      ground: LOCAL,
      order: ['flight', some(200_000), 16],
      who: ALL,
      limit: { than: 'Python', atLeast: 2 },
    }),
    accessor(0, 'name'),
    accessor(1, 'UUIDString'),
    accessor(2, 'ID'),
    row('stats', `getAllDomainStats, ${thousand.domains} domains × 60 values`, 'ms', {
      ground: thousand,
      order: ['stats'],
      who: THREE,
      sixty: true,
      limit: { than: 'C', atMost: 1.5 },
    }),
    row('stats-main', 'the same: main thread busy', 'ms', {
      ground: thousand,
      order: ['stats'],
      figure: 1,
      who: ['ours'],
      sixty: true,
      limit: { than: null, atMost: 3 },
    }),
    row('stats-main-warm', 'the same, from the thirtieth time on: main thread busy', 'ms', {
      ground: thousand,
      order: ['stats'],
      figure: 1,
      who: ['ours'],
      sixty: true,
      warmUps: scale < 1 ? 1 : 30,
      limit: { than: null, atMost: 3 },
    }),
    row('list-local', `listAllDomains, ${many} domains, local`, 'ms', {
      ground: { kind: 'local', domains: many },
      order: ['list'],
      who: ALL,
      limit: { than: 'C', atMost: 2.2 },
    }),
    row('list-remote', `listAllDomains, ${many} domains, remote`, 'ms', {
      ground: { kind: 'remote', domains: many },
      order: ['list'],
      who: ALL,
      limit: { than: 'C', atMost: 1.5 },
    }),
    row('event', 'event, from the call to the callback, remote, p50', 'µs', {
      ground: REMOTE,
      order: ['event', some(1000)],
      who: THREE,
      events: true,
      limit: { than: 'Python', atMost: 0.8 },
    }),
    row('cycle', 'define, create, destroy, undefine; 16 in flight, local', 'cycles/s', {
      ground: LOCAL,
      order: ['cycle', some(2000), 16],
      who: THREE,
      limit: { than: 'C', atLeast: 0.9 },
    }),
    row('memory', 'memory a handle', 'B', {
      ground: LOCAL,
      order: ['memory', some(200_000)],
      who: THREE,
      limit: { than: null, atMost: 450 },
      repeats: Math.min(3, repeats),
      fresh: true,
    }),
  ];
}
