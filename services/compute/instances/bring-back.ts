import { randomUUID } from 'node:crypto';
import { asComputeError } from '../../common/errors.js';
import { bounded } from '../bounded.js';
import type { Log } from '../log.js';
import type { Driver } from '../ports.js';
import { Slots } from '../slots.js';
import type { InstanceMetrics } from './instance-metrics.js';
import type { BringBack } from './power-policy.js';
import type { Sighting } from './sight.js';

export interface BringingBackOptions {
  readonly driver: Pick<Driver, 'start' | 'resume'>;
  /** Guests that are started at once. */
  readonly atOnce: number;
  /** Runs it when nothing else runs for the instance; `wanted` is aborted when the instance is about to go. */
  inLane(id: string, work: (wanted: AbortSignal) => Promise<void>): Promise<void>;
  /** Looks again, in the lane: what is to be done now, and to what; null when nothing is any more. */
  look(id: string): Promise<{ readonly action: BringBack; readonly sighting: Sighting } | null>;
  /** Told when it is over with an instance for now. */
  over(id: string, failures: number): void;
  readonly metrics: InstanceMetrics;
  readonly log: Log;
  /** Before the first attempt, doubling with each that follows within QUIET_MS. Default 2 s: somebody may be at it by hand. */
  readonly firstDelayMs?: number;
}

const FIRST_DELAY_MS = 2000;
const LAST_DELAY_MS = 300_000;
/** A guest that stayed up so long is not the same failure any more. */
const QUIET_MS = 600_000;
/** Reading a large guest's memory takes minutes. */
const DEADLINE_MS = 20 * 60_000;

/** Starts guests that belong up: some at once, each with more patience every time it does not stay up. */
export class BringingBack {
  readonly #slots: Slots;
  readonly #tries = new Map<string, { count: number; failures: number; at: number }>();
  readonly #waiting = new Map<string, NodeJS.Timeout>();
  readonly #running = new Set<Promise<void>>();
  readonly #acting = new Set<string>();
  readonly #stopping = new AbortController();

  constructor(private readonly options: BringingBackOptions) {
    this.#slots = new Slots(options.atOnce);
  }

  /** @param atOnce without waiting whether somebody does it by hand; for the first attempt */
  bringBack(id: string, atOnce: boolean): void {
    if (this.#waiting.has(id) || this.#stopping.signal.aborted) return;
    const delay = this.#delay(id, atOnce);
    const timer = setTimeout(() => {
      const running = this.#run(id).finally(() => this.#running.delete(running));
      this.#running.add(running);
    }, delay);
    this.#waiting.set(id, timer.unref());
  }

  /** It is being started right now. */
  isAt(id: string): boolean {
    return this.#acting.has(id);
  }

  /** It is where it belongs, or gone. */
  forget(id: string): void {
    const tried = this.#tries.get(id);
    if (tried && Date.now() - tried.at > QUIET_MS) this.#tries.delete(id);
  }

  /** Begins no more; resolves when those under way are over. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the worker is stopping'));
    for (const timer of this.#waiting.values()) clearTimeout(timer);
    await Promise.allSettled([...this.#running]);
  }

  #delay(id: string, atOnce: boolean): number {
    const tried = this.#tries.get(id);
    const first = this.options.firstDelayMs ?? FIRST_DELAY_MS;
    if (tried && Date.now() - tried.at < QUIET_MS) return Math.min(LAST_DELAY_MS, first * 2 ** tried.count);
    this.#tries.delete(id);
    return atOnce ? 0 : first;
  }

  async #run(id: string): Promise<void> {
    try {
      const leave = await this.#slots.take(this.#stopping.signal);
      try {
        await this.options.inLane(id, (wanted) => this.#inLane(id, wanted));
      } finally {
        leave();
      }
    } catch {
      return; // The worker stops before it came to this one; the next worker goes on.
    } finally {
      this.#waiting.delete(id);
    }
    this.options.over(id, this.#tries.get(id)?.failures ?? 0);
  }

  async #inLane(id: string, wanted: AbortSignal): Promise<void> {
    const { driver, log, metrics } = this.options;
    let action: BringBack = 'start';
    const tried = this.#tries.get(id) ?? { count: 0, failures: 0, at: 0 };
    try {
      const found = await this.options.look(id);
      if (!found) return;
      action = found.action;
      this.#tries.set(id, tried);
      Object.assign(tried, { count: tried.count + 1, at: Date.now() });
      const generation = found.sighting.generation ?? undefined;
      this.#acting.add(id);
      // A key of its own: what was done under an earlier one would only be reported.
      const request = { id, generation, key: `recovery-${randomUUID()}`, deadline: Date.now() + DEADLINE_MS, signal: wanted };
      if (action === 'start') await driver.start({ ...request, start: {} });
      else await driver.resume({ ...request, bypassCache: false });
      tried.failures = 0;
      metrics.actions.inc({ action, outcome: 'done' });
      log.info({ instanceId: id, reason: action, attempt: tried.count }, 'instance brought back');
    } catch (thrown) {
      const error = asComputeError(thrown);
      if (wanted.aborted)
        return log.info({ instanceId: id, reason: action, error: bounded(error.message) }, 'instance no longer brought back');
      tried.failures++;
      this.#tries.set(id, tried);
      metrics.actions.inc({ action, outcome: 'failed' });
      log.warn({ instanceId: id, kind: error.kind, error: bounded(error.message), attempt: tried.count }, 'instance not brought back');
    } finally {
      this.#acting.delete(id);
    }
  }
}
