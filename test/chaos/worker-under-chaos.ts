/**
 * The real worker, with a death and a clock of the test's choice. It runs beside nothing of the test's: what it needs stands in its environment.
 * CHAOS_DIE_AT="<point> <n>, …": SIGKILL at the n-th passing of one of the points. CHAOS_CONTROL: a file, read on SIGUSR2, with the orders below.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Checkpoint } from '../../services/compute/checkpoint.js';
import { main } from '../../services/compute/main.js';
import { openDriver } from '../../services/compute/open-driver.js';
import { keepYoungHeapSmall } from '../../services/compute/sparing-memory.js';

export interface ControlOrders {
  /** How far the clock is off, in milliseconds. */
  readonly clockMs: number;
  /** Collect garbage and write `MemoryReport` beside the file, with this number. */
  readonly measure?: number;
}
export interface MemoryReport {
  readonly measure: number;
  readonly heapBytes: number;
  readonly residentBytes: number;
}

const RealDate = Date;
let clockMs = 0;
globalThis.Date = new Proxy(RealDate, {
  construct: (target, given: [], newTarget) =>
    Reflect.construct(target, given.length === 0 ? [RealDate.now() + clockMs] : given, newTarget) as object,
  get: (target, name, receiver) => (name === 'now' ? () => RealDate.now() + clockMs : (Reflect.get(target, name, receiver) as unknown)),
});

const control = process.env['CHAOS_CONTROL'] ?? '';
process.on('SIGUSR2', () => {
  const orders = JSON.parse(readFileSync(control, 'utf8')) as ControlOrders;
  clockMs = orders.clockMs;
  if (orders.measure === undefined) return;
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  const report: MemoryReport = { measure: orders.measure, heapBytes: heapUsed, residentBytes: rss };
  writeFileSync(`${control}.report`, JSON.stringify(report));
});

/** How often each may still be passed. */
const deadly = new Map(
  (process.env['CHAOS_DIE_AT'] ?? '').split(', ').map((death) => [death.split(' ')[0] ?? '', Number(death.split(' ')[1] ?? 0)]),
);
const checkpoint: Checkpoint = async (point) => {
  const left = (deadly.get(point) ?? 0) - 1;
  deadly.set(point, left);
  if (left !== 0) return;
  writeFileSync(`${control}.deaths`, `${point}\n`, { flag: 'a' });
  process.kill(process.pid, 'SIGKILL');
  await new Promise(() => {}); // not one step more, should the signal take its time
};

keepYoungHeapSmall();
await main({ env: process.env }, openDriver, checkpoint);
