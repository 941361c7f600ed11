import type { Ground } from './ground.js';
import { monotonicMs } from './observer.js';
import { sampleOf, type Sample } from './statistics.js';

/** Milliseconds from publishing a look at an instance, by the control queue, to its answer, for as long as `size` spawns wait or run. */
export async function looksUnderLoad(ground: Ground, size: number): Promise<Sample> {
  const { sender } = ground;
  const wishes = Array.from({ length: size }, () => ground.wish(false));
  const known = ground.wish(false);
  await sender.spawn(known).done;
  let busy = true;
  const spawned = Promise.all(wishes.map((wish) => sender.spawn(wish).done)).then(() => (busy = false));
  const times: number[] = [];
  do {
    const { sentAtMs, done } = sender.command('instance.get', { instance: { id: known.instance.id } });
    await done;
    times.push(monotonicMs() - sentAtMs);
  } while (busy);
  await spawned;
  await sender.destroy([known, ...wishes].map(({ instance }) => instance.id));
  return sampleOf(times);
}
