import { setTimeout as delay } from 'node:timers/promises';
import { waitUntil } from '../../ops/private/wait-until.js';
import type { Ground } from './ground.js';
import { monotonicMs } from './observer.js';
import type { MemoryMiB } from './process-usage.js';
import { sampleOf, type Sample } from './statistics.js';

/** From the start of the process, in milliseconds. */
export interface Recovery {
  /** Until it knew every instance of its host. */
  readonly known: Sample;
  /** Until it had answered a spawn that waited in its queue. */
  readonly served: Sample;
  /** Idle, with all of them known. */
  readonly memory: MemoryMiB;
}

const ALL_KNOWN = 'novalet_recovery_duration_seconds';
const SETTLE_MS = 2000;

/** A host full of instances whose worker is started again, with a command waiting for it. */
export async function recovery(ground: Ground, { size, rounds }: { size: number; rounds: number }): Promise<Recovery> {
  const { worker, sender } = ground;
  const wishes = Array.from({ length: size }, () => ground.wish(false));
  await Promise.all(wishes.map((wish) => sender.spawn(wish).done));
  const ids = wishes.map(({ instance }) => instance.id);
  const known: number[] = [];
  const served: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await worker.stop();
    const wish = ground.wish(false);
    const { done } = sender.spawn(wish);
    const began = monotonicMs();
    const answered = done.then(() => served.push(monotonicMs() - began));
    await worker.start();
    await waitUntil('every instance to be known', async () => (await worker.metric(ALL_KNOWN)) > 0, { everyMs: 5 });
    known.push(monotonicMs() - began);
    await answered;
    ids.push(wish.instance.id);
  }
  const count = await worker.metric('novalet_instances{state="running"}');
  if (count < size) throw new Error(`the worker knows ${count} of ${size} instances`);
  await delay(SETTLE_MS);
  const memory = await worker.memory();
  await sender.destroy(ids);
  return { known: sampleOf(known), served: sampleOf(served), memory };
}
