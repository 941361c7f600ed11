import type { Ground } from './ground.js';
import { monotonicMs } from './observer.js';
import type { RivalGuest, Template } from './rival.js';
import { sampleOf, type Sample } from './statistics.js';

interface Verb {
  /** Its name, and that of the rival's function. */
  readonly name: string;
  readonly what: string;
  /** Of the command, beside the instance. */
  readonly body: object;
}

/** A life in which each of them can be done. No system runs in the guest: what only it can grant, such as a detach while it runs, is asked while it is off. */
const LIFE: readonly Verb[] = [
  { name: 'get', what: 'get', body: {} },
  { name: 'pause', what: 'pause', body: {} },
  { name: 'unpause', what: 'unpause', body: {} },
  { name: 'setMetadata', what: 'setMetadata', body: { metadata: { owner: 'bench' } } },
  { name: 'attachDisk', what: 'attach a disk to the guest as it runs', body: { disk: { device: 'vdb', sizeMiB: 1 } } },
  { name: 'reboot', what: 'reboot, hard', body: { mode: 'hard' } },
  { name: 'suspend', what: 'suspend', body: {} },
  { name: 'resume', what: 'resume', body: {} },
  { name: 'stop', what: 'stop, without grace', body: { grace: 0 } },
  { name: 'resize', what: 'resize of a guest that is off', body: { memoryMiB: 20 } },
  { name: 'detachDisk', what: 'detach the disk of a guest that is off', body: { disk: { device: 'vdb' }, remove: true } },
  { name: 'snapshot', what: 'snapshot', body: {} },
  { name: 'start', what: 'start', body: {} },
  { name: 'destroy', what: 'destroy', body: {} },
];

export interface VerbTimes {
  readonly name: string;
  readonly what: string;
  /** From the moment before the message is published to its answer, in milliseconds. */
  readonly ours: Sample;
  /** libvirt's calls alone, and qemu-img's share. */
  readonly rival: Sample;
}

/** Leads a guest of each side through its life, by turns. */
export async function verbs(ground: Ground, template: Template, rounds: number): Promise<VerbTimes[]> {
  const ours = new Map<string, number[]>(LIFE.map(({ name }) => [name, []]));
  const rivals = new Map<string, number[]>(LIFE.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    const mine = ground.wish(true).instance;
    await ground.sender.spawn({ instance: mine }).done;
    const other = ground.rivalGuest(template, true);
    await ground.rival.spawn([other]);
    for (const verb of LIFE) {
      const turns = [
        async () => void ours.get(verb.name)?.push(await byMessage(ground, mine.id, verb)),
        async () => void rivals.get(verb.name)?.push(await ground.rival.verb(verb.name, other)),
      ];
      if (round % 2 === 1) turns.reverse();
      for (const turn of turns) await turn();
    }
    await tidy(ground, mine.id, other);
  }
  return LIFE.map(({ name, what }) => ({ name, what, ours: sampleOf(ours.get(name) ?? []), rival: sampleOf(rivals.get(name) ?? []) }));
}

async function byMessage({ sender }: Ground, id: string, { name, body }: Verb): Promise<number> {
  const more = name === 'snapshot' ? { image: { name: `${id}.qcow2` } } : body;
  const { sentAtMs, done } = sender.command(`instance.${name}`, { instance: { id }, ...more });
  await done;
  return monotonicMs() - sentAtMs;
}

/** What outlives a destroy. */
async function tidy(ground: Ground, id: string, { uuid }: RivalGuest): Promise<void> {
  await ground.removeSnapshot(`${id}.qcow2`);
  for (const one of [id, uuid]) ground.observer.forget(one);
}
