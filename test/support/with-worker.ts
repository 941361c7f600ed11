import type { Log, LogFields } from '../../services/compute/log.js';
import { createMetrics, type Metrics } from '../../services/compute/metrics.js';
import { MemoryTombstones } from '../../services/compute/tombstones/memory-tombstones.js';
import { FakeDriver } from '../../services/compute/virt/fake/fake-driver.js';
import { Worker, type WorkerOptions } from '../../services/compute/worker.js';
import { takeAwayAfter, type TakeAway } from './take-away.js';

export interface LogLine extends LogFields {
  readonly level: string;
  readonly phrase: string;
}

/** A log that tests can read. */
export class KeptLog implements Log {
  readonly debugs = true;
  readonly lines: LogLine[] = [];
  debug = (fields: LogFields, phrase: string): void => void this.lines.push({ level: 'debug', phrase, ...fields });
  info = (fields: LogFields, phrase: string): void => void this.lines.push({ level: 'info', phrase, ...fields });
  warn = (fields: LogFields, phrase: string): void => void this.lines.push({ level: 'warn', phrase, ...fields });
  error = (fields: LogFields, phrase: string): void => void this.lines.push({ level: 'error', phrase, ...fields });
}

export interface TestWorker {
  readonly worker: Worker;
  readonly driver: FakeDriver;
  readonly tombstones: MemoryTombstones;
  readonly metrics: Metrics;
  readonly log: KeptLog;
}

/** A worker in this process, on a pretended host, that consumes when this resolves; stopped with the test. */
export async function withWorker(
  t: TakeAway,
  url: string,
  more: Partial<WorkerOptions> & { driver?: FakeDriver } = {},
): Promise<TestWorker> {
  const started = startWorker(t, url, more);
  await started.worker.started();
  return started;
}

/** The same, whether or not it ever consumes. */
export function startWorker(t: TakeAway, url: string, more: Partial<WorkerOptions> & { driver?: FakeDriver } = {}): TestWorker {
  const parts = {
    driver: more.driver ?? new FakeDriver(),
    tombstones: new MemoryTombstones(),
    metrics: createMetrics(),
    log: new KeptLog(),
  };
  const worker = new Worker({ host: 'host-1', amqp: { url }, concurrency: 4, defaultDeadlineMs: 60_000, ...parts, ...more });
  takeAwayAfter(t, async () => {
    const stopped = worker.stop(); // nothing more is begun
    parts.driver.letGo();
    await stopped;
  });
  return { worker, ...parts };
}

/** A metric's value, summed over the series that have these labels. */
export async function valueOf({ registry }: Metrics, name: string, labels: Record<string, string> = {}): Promise<number> {
  const metric = await registry.getSingleMetric(name)?.get();
  const fitting = (metric?.values ?? []).filter((value) =>
    Object.entries(labels).every(([label, wanted]) => value.labels[label] === wanted),
  );
  return fitting.reduce((sum, { value }) => sum + value, 0);
}
