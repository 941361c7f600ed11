import type { Ground } from './ground.js';
import type { Template } from './rival.js';
import { sampleOf, type Sample } from './statistics.js';

/** Milliseconds until libvirt's STARTED event, from each beginning. */
export interface OneAtATime {
  /** From the moment that the worker took the message. */
  readonly received: Sample;
  /** From the moment before the message was published: with the broker's share. */
  readonly published: Sample;
  /** libvirt's own time, qemu-img included. */
  readonly rival: Sample;
}

/** Spawns one guest after the other, by turns the worker's and the rival's, on an otherwise idle hypervisor. */
export async function oneAtATime(ground: Ground, template: Template, rounds: number): Promise<OneAtATime> {
  const { worker } = ground;
  const ours: { id: string; publishedMs: number; startedWallMs: number }[] = [];
  const rivals: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const turns = [async () => void ours.push(await spawnOurs(ground)), async () => void rivals.push(await spawnRival(ground, template))];
    if (round % 2 === 1) turns.reverse(); // neither side always comes after the other
    for (const turn of turns) await turn();
  }
  const receivedAt = await worker.receivedAt();
  const received = ours.map(({ id, startedWallMs }) => startedWallMs - (receivedAt.get(id) ?? NaN));
  if (received.some(Number.isNaN)) throw new Error('the worker did not log every command that it answered');
  return { received: sampleOf(received), published: sampleOf(ours.map(({ publishedMs }) => publishedMs)), rival: sampleOf(rivals) };
}

async function spawnOurs(ground: Ground): Promise<{ id: string; publishedMs: number; startedWallMs: number }> {
  const { sender, observer } = ground;
  const wish = ground.wish(true);
  const { id } = wish.instance;
  const sent = sender.spawn(wish);
  const [started] = await Promise.all([observer.started(id), sent.done]);
  await sender.destroy([id]);
  return { id, publishedMs: started.monotonicMs - sent.sentAtMs, startedWallMs: started.wallMs };
}

async function spawnRival(ground: Ground, template: Template): Promise<number> {
  const { rival, observer } = ground;
  const guest = ground.rivalGuest(template, true);
  const [started, { beganMs }] = await Promise.all([observer.started(guest.uuid), rival.spawn([guest])]);
  await rival.destroy([guest]);
  return started.monotonicMs - beganMs;
}
