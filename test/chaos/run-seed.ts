import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Holdings } from './chaos-worker.js';
import { checkDeadLetters, checkEmpty, checkForeign, checkHost, checkInstances, checkSnapshots } from './checks.js';
import { strike, type Struck } from './faults.js';
import type { Ground } from './ground.js';
import { isGentle, makePlan, PLAINLY, type Move } from './plan.js';
import { Post } from './post.js';
import { Watcher } from './watcher.js';

export interface SeedReport {
  readonly seed: number;
  /** In words; empty when all is well. */
  readonly wrongs: readonly string[];
  readonly commands: number;
  readonly faults: readonly string[];
  /** Points at which a worker died. */
  readonly deaths: readonly string[];
  readonly seconds: number;
  /** How often its watch was taken up again. */
  readonly resumed: number;
  /** Of a gentle seed, at its end. */
  readonly holdings?: Holdings;
}

const ANSWERS_WITHIN_MS = 150_000;

/** Plays one seed: sends and strikes as it says, heals everything, and compares the end with the model. */
export async function runSeed(ground: Ground, seed: number): Promise<SeedReport> {
  const { timeline, worker, domains } = ground;
  timeline.begin();
  worker.ends.length = 0;
  const began = performance.now();
  const plan = makePlan(seed, { driver: ground.driver, doors: ground.doors, foreignId: domains.foreignId, images: ground.images.of(seed) });
  const post = new Post(ground);
  const struck: Struck[] = [];
  const watcher = ground.doors === 'all' ? new Watcher(ground.api) : null;
  worker.dieAt(plan.deaths);
  // A death is armed when a life begins.
  if (plan.deaths.length > 0) await worker.signal('SIGKILL');
  await play(ground, post, plan.moves, struck);
  const wrongs: string[] = [];
  const late = await post.answered(ANSWERS_WITHIN_MS);
  wrongs.push(...late.map((what) => `not answered: ${what}`));
  worker.dieAt([]);
  if (wrongs.length === 0) {
    // Each waits in its instance's lane behind all that came by its queue, second answers and acknowledgements included.
    await lastLook(post, plan.instances, ground.doors === 'all');
    wrongs.push(...(await post.answered(ANSWERS_WITHIN_MS)).map((what) => `not answered: ${what}`));
    wrongs.push(...(await checkInstances(ground, post, plan.instances, struck)), ...checkForeign(post, domains.foreignId, struck));
    wrongs.push(...checkDeadLetters(post, struck), ...checkHost(post, struck), ...(await checkSnapshots(ground, post)));
    wrongs.push(...(await post.untrue()), ...((await watcher?.missed()) ?? []));
    await destroyAll(post, plan.instances);
    wrongs.push(...(await post.answered(ANSWERS_WITHIN_MS)).map((what) => `not answered: ${what}`));
    wrongs.push(...(await checkEmpty(ground)), ...((await watcher?.missed()) ?? []));
    await ground.removeSnapshots();
  }
  await watcher?.end();
  wrongs.push(...post.wrongs);
  const seconds = (performance.now() - began) / 1000;
  const faults = struck.map(({ name }) => name);
  const deaths = await worker.deaths();
  const report = {
    seed,
    wrongs,
    commands: post.sent.length + post.rejected.length,
    faults,
    deaths,
    seconds,
    resumed: watcher?.resumed ?? 0,
  };
  return isGentle(seed) && wrongs.length === 0 ? { ...report, holdings: await worker.measure() } : report;
}

/** Resolves when all was sent, and every fault is over. */
async function play(ground: Ground, post: Post, moves: readonly Move[], struck: Struck[]): Promise<void> {
  const { timeline, domains } = ground;
  const underWay: Promise<void>[] = [];
  const families = new Map<string, Promise<void>>();
  const inFamily = (family: string, work: () => Promise<void>): void => {
    const next = (families.get(family) ?? Promise.resolve()).then(work);
    next.catch(() => {}); // heard at the end
    families.set(family, next);
    underWay.push(next);
  };
  for (const move of moves) {
    if (move.do === 'wait') await delay(move.ms);
    else if (move.do === 'send') await post.send(move.command);
    else if (move.do === 'corrupt') await post.corrupt(move.how, move.queue);
    else if (move.do === 'foreign') inFamily('libvirtd', () => domains.foreign(move.verb));
    else {
      const { name, ms, roll } = move;
      inFamily(name.split(' ')[0] ?? name, async () => {
        const ids = post.sent.map(({ wish }) => wish.id);
        const id = name.startsWith('qemu') ? ids[roll % Math.max(1, ids.length)] : undefined;
        const one: Struck = { name, from: timeline.now, to: Infinity, ...(id !== undefined && { id }) };
        struck.push(one);
        timeline.add(`fault ${name}${id === undefined ? '' : ` ${id.slice(0, 8)}`} (${ms} ms, ${roll})`);
        await strike(ground, one, ms, roll);
        one.to = timeline.now;
        timeline.add(`over ${name}`);
      });
    }
  }
  await Promise.all(underWay);
}

/**
 * A look by each queue at each instance; and by the third door a spawn of another wish that is to be done for show alone, which waits in its lane
 * behind everything: copies that nobody answers, too.
 */
async function lastLook(post: Post, instances: readonly { id: string }[], byAllDoors: boolean): Promise<void> {
  for (const { id } of instances) {
    for (const queue of ['work', 'control'] as const)
      await post.send({ wish: { type: 'instance.get', id }, body: { instance: { id } }, messageId: randomUUID(), queue, ...PLAINLY });
    if (!byAllDoors) continue;
    const wish = { type: 'instance.spawn', id, specHash: 'another', generation: ANOTHER_GENERATION, dryRun: true } as const;
    const instance = { id, name: 'another', vcpus: 1, memoryMiB: 16 };
    const body = { instance, generation: ANOTHER_GENERATION, dryRun: true };
    await post.send({ wish, body, messageId: randomUUID(), queue: 'work', ...PLAINLY, door: 'oslo' });
  }
}

/** Beyond all that were destroyed. */
const ANOTHER_GENERATION = 1_000_000;

async function destroyAll(post: Post, instances: readonly { id: string }[]): Promise<void> {
  for (const { id } of instances) {
    const wish = { type: 'instance.destroy', id } as const;
    await post.send({ wish, body: { instance: { id } }, messageId: randomUUID(), queue: 'control', ...PLAINLY });
  }
}
