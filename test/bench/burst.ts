import type { Ground } from './ground.js';
import type { Template } from './rival.js';
import { sampleOf, type Sample } from './statistics.js';

export interface BurstOptions {
  readonly size: number;
  readonly rounds: number;
  /** Numbers of threads that the rival may try; the best one counts. */
  readonly threads: readonly number[];
  readonly withDisk: boolean;
}

/** Spawns a second, from the first order to the last STARTED event. */
export interface Burst {
  readonly ours: Sample;
  readonly rival: Sample;
  /** With so many threads the rival was best. */
  readonly rivalThreads: number;
  /** Processor time of the worker for a spawn, in milliseconds. */
  readonly workerCpuMs: Sample;
}

/** Spawns many guests at once, by turns the worker's and the rival's; everything is destroyed between the turns. */
export async function burst(ground: Ground, template: Template, { size, rounds, threads, withDisk }: BurstOptions): Promise<Burst> {
  const rivals = new Map<number, number[]>(threads.map((count) => [count, []]));
  const ours: number[] = [];
  const cpu: number[] = [];
  const turns = [
    async () => {
      const { rate, cpuMs } = await burstOfOurs(ground, size, withDisk);
      ours.push(rate);
      cpu.push(cpuMs);
    },
    ...threads.map((count) => async () => void rivals.get(count)?.push(await burstOfRival(ground, template, size, count, withDisk))),
  ];
  for (let round = 0; round < rounds; round++) {
    for (const turn of round % 2 === 0 ? turns : turns.toReversed()) await turn();
  }
  const [rivalThreads, rival] = [...rivals]
    .map(([count, rates]) => [count, sampleOf(rates)] as const)
    .reduce((best, other) => (other[1].median > best[1].median ? other : best));
  return { ours: sampleOf(ours), rival, rivalThreads, workerCpuMs: sampleOf(cpu) };
}

async function burstOfOurs(ground: Ground, size: number, withDisk: boolean): Promise<{ rate: number; cpuMs: number }> {
  const { sender, observer, worker } = ground;
  const wishes = Array.from({ length: size }, () => ground.wish(withDisk));
  const ids = wishes.map(({ instance }) => instance.id);
  const cpuBefore = await worker.cpuMs();
  const sent = wishes.map((wish) => sender.spawn(wish));
  const [started] = await Promise.all([lastStart(ground, ids), ...sent.map(({ done }) => done)]);
  const cpuMs = ((await worker.cpuMs()) - cpuBefore) / size;
  const began = sent[0]?.sentAtMs ?? NaN;
  await sender.destroy(ids);
  ids.forEach((id) => observer.forget(id));
  return { rate: rate(size, began, started), cpuMs };
}

async function burstOfRival(ground: Ground, template: Template, size: number, threads: number, withDisk: boolean): Promise<number> {
  const { rival, observer } = ground;
  const guests = Array.from({ length: size }, () => ground.rivalGuest(template, withDisk));
  const ids = guests.map(({ uuid }) => uuid);
  const [started, { beganMs }] = await Promise.all([lastStart(ground, ids), rival.spawn(guests, threads)]);
  await rival.destroy(guests);
  ids.forEach((id) => observer.forget(id));
  return rate(size, beganMs, started);
}

async function lastStart({ observer }: Ground, ids: readonly string[]): Promise<number> {
  const moments = await Promise.all(ids.map((id) => observer.started(id)));
  return Math.max(...moments.map(({ monotonicMs }) => monotonicMs));
}

const rate = (count: number, beganMs: number, endedMs: number): number => (1000 * count) / (endedMs - beganMs);
