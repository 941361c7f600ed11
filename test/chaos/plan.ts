import { randomUUID } from 'node:crypto';
import { FAULT_POINTS } from '../../services/compute/checkpoint.js';
import { queueOf } from '../../services/compute/delivery.js';
import { CHANGE_STEPS, DESTROY_STEPS, SPAWN_STEPS } from '../../services/compute/ports.js';
import { InstanceSpec } from '../../services/common/messages/instance-spec.js';
import type { RemoteImage } from '../../services/common/messages/images.js';
import { specHash } from '../../services/common/spec-hash.js';
import type { CommandType } from '../../services/common/messages/commands.js';
import { CORRUPTIONS, type Corruption } from './corrupt.js';
import { DOORS, type Door, type Queue, type Wish } from './sent.js';
import { Dice } from './dice.js';
import { faultsFor, type FaultName } from './fault-names.js';

export type DriverKind = 'test' | 'qemu';

/** `queue`: all by the queue, and the verbs that there were first, so that a seed is what it was then. */
export const DOOR_CHOICES = ['all', 'queue'] as const;
export type DoorChoice = (typeof DOOR_CHOICES)[number];

export interface PlannedCommand {
  readonly wish: Wish;
  readonly door: Door;
  /** By gRPC: who asks gives up when the connection breaks, and does not know whether he was heard. By oslo.messaging: nobody waits for an answer. */
  readonly faint: boolean;
  readonly body: Readonly<Record<string, unknown>>;
  readonly messageId: string;
  readonly queue: Queue;
  readonly hasty: boolean;
}

export type Move =
  | { readonly do: 'send'; readonly command: PlannedCommand }
  | { readonly do: 'corrupt'; readonly how: Corruption; readonly queue: Queue }
  | { readonly do: 'foreign'; readonly verb: 'start' | 'destroy' }
  | { readonly do: 'fault'; readonly name: FaultName; readonly ms: number; readonly roll: number }
  | { readonly do: 'wait'; readonly ms: number };

/** Everything that a seed decides. Ids are fresh each time: a worker remembers those that were destroyed. */
export interface Plan {
  readonly moves: readonly Move[];
  /** Where the worker's lives end, in their order: "<point> <n-th passing>", or at any of several, with commas between them. */
  readonly deaths: readonly string[];
  readonly instances: readonly PlannedInstance[];
}

export interface PlannedInstance {
  readonly id: string;
  /** Files that its directory holds when it stands, beside what is attached later. */
  readonly files: readonly string[];
}

/** What a plan is made for. */
export interface Place {
  readonly driver: DriverKind;
  readonly doors: DoorChoice;
  readonly foreignId: string;
  /** Images that the worker may fetch. */
  readonly images: readonly RemoteImage[];
}

/** These need an agent, and no guest here has one. */
const BY_AGENT: readonly string[] = ['password', 'quiesce', 'unquiesce'];
export const POINTS = [...new Set([...SPAWN_STEPS, ...DESTROY_STEPS, ...CHANGE_STEPS, ...FAULT_POINTS])].filter(
  (point) => !BY_AGENT.includes(point),
);
const COMMANDS = 60;
const INSTANCES = 8;
const DOOR_SEEDS = 1_000_000_000;

/** Seeds in which the worker is left alive: what it keeps for ever shows in these. */
export const isGentle = (seed: number): boolean => seed % 4 === 0;

export function makePlan(seed: number, place: Place): Plan {
  const dice = new Dice(seed);
  // Of its own, so that the rest of a seed is the same without it.
  const doorDice = new Dice(seed + DOOR_SEEDS);
  const instances = Array.from({ length: INSTANCES }, () => new Story(dice, doorDice, place));
  const sends: Move[] = [];
  while (sends.length < COMMANDS) sends.push(...dice.pick(instances).next());
  for (let i = 0; i < 6; i++) swap(sends, dice.below(sends.length - 1));
  const moves = sends.flatMap((move): Move[] => (dice.chance(0.6) ? [move] : [{ do: 'wait', ms: dice.below(40) }, move]));
  const extra = (move: Move): void => void moves.splice(dice.below(moves.length + 1), 0, move);
  for (let i = 0; i < 3; i++) extra({ do: 'corrupt', how: dice.pick(CORRUPTIONS), queue: dice.pick(['work', 'control']) });
  for (const verb of ['destroy', 'start'] as const) extra({ do: 'foreign', verb });
  for (let i = dice.below(3); i > 0; i--) extra({ do: 'send', command: prefetch(dice.pick(place.images)) });
  if (dice.chance(0.3)) {
    const at = dice.below(moves.length + 1);
    moves.splice(at, 0, { do: 'send', command: toTheHost('host.drain') });
    moves.splice(at + 1 + dice.below(Math.min(15, moves.length - at)), 0, { do: 'send', command: toTheHost('host.undrain') });
  }
  const faults = faultsFor(place.driver, isGentle(seed));
  for (let i = 2 + dice.below(4); i > 0; i--)
    extra({ do: 'fault', name: dice.weighted(faults), ms: 100 + dice.below(1500), roll: dice.below(1000) });
  const death = (): string => `${dice.pick(POINTS)} ${1 + dice.below(4)}`;
  const deaths = isGentle(seed) ? [] : Array.from({ length: 2 + dice.below(4) }, () => Array.from({ length: 3 }, death).join(', '));
  return { moves, deaths, instances: instances.map(({ id, files }) => ({ id, files })) };
}

function prefetch(image: RemoteImage): PlannedCommand {
  return { wish: { type: 'image.prefetch', id: 'image' }, body: { image }, messageId: randomUUID(), queue: 'work', ...PLAINLY };
}

function toTheHost(type: 'host.drain' | 'host.undrain'): PlannedCommand {
  return { wish: { type, id: 'host' }, body: {}, messageId: randomUUID(), queue: 'control', ...PLAINLY };
}

/** By the queue, with time and patience. */
export const PLAINLY = { door: 'queue', hasty: false, faint: false } as const;

function swap(moves: Move[], i: number): void {
  const [a, b] = [moves[i], moves[i + 1]];
  if (a && b) moves.splice(i, 2, b, a);
}

const CHANGES = [
  ['start', 3],
  ['stop', 4],
  ['reboot', 3],
  ['pause', 3],
  ['unpause', 3],
  ['suspend', 2],
  ['resume', 2],
  ['setMetadata', 2],
  ['resize', 3],
  ['attachDisk', 2],
  ['detachDisk', 2],
  ['snapshot', 2],
  ['get', 2],
  ['console', 1],
  ['diagnostics', 1],
  ['destroy', 3],
  ['spawn', 2],
] as const;
const ALL_CHANGES = [
  ...CHANGES,
  ['rebuild', 2],
  ['rescue', 2],
  ['unrescue', 2],
  ['attachInterface', 2],
  ['detachInterface', 1],
  ['setAdminPassword', 1],
  ['quiesce', 0.5],
  ['unquiesce', 0.5],
  ['dryRun', 2],
] as const;

type Verb = Exclude<(typeof ALL_CHANGES)[number][0], 'spawn' | 'destroy' | 'dryRun'>;
/** What is in the body, and what the model knows of it, where that is something else. */
type Arguments = readonly [body: Readonly<Record<string, unknown>>, wish?: Partial<Wish>];
/** A device that no spawn of ours has. */
export const EXTRA_DEVICE = 'vdc';
export const EXTRA_FILE = `disk-${EXTRA_DEVICE}.qcow2`;
/** An interface that no spawn of ours has. */
export const EXTRA_MAC = '02:00:00:00:00:07';
/** How the commands of one instance come in. */
const WAYS_IN: readonly (readonly [readonly Door[], number])[] = [
  [['queue'], 3],
  [['grpc'], 2],
  [['oslo'], 2],
  [DOORS, 4],
];

/** What happens to one instance, in the order in which it is meant; how it comes out is another matter. */
class Story {
  readonly id = randomUUID();
  readonly files: readonly string[];
  private readonly spec: Readonly<Record<string, unknown>>;
  private readonly queue: Queue | 'either';
  private readonly paused: boolean;
  private readonly firstDiskMiB: number | undefined;
  private generation = 1;
  private begun = false;
  private readonly told: PlannedCommand[] = [];
  private readonly waysIn: readonly Door[];

  constructor(
    private readonly dice: Dice,
    private readonly doorDice: Dice,
    private readonly place: Place,
  ) {
    this.waysIn = place.doors === 'all' ? doorDice.weighted(WAYS_IN) : ['queue'];
    const disks = Array.from({ length: dice.below(3) }, () => ({
      sizeMiB: 1 + dice.below(2),
      ...(dice.chance(0.3) && { image: dice.pick(place.images) }),
    }));
    const seed = dice.chance(0.2) ? { seed: { hostname: 'guest', format: dice.pick(['nocloud', 'config-2']) } } : {};
    this.spec = { id: this.id, name: `guest ${dice.below(100)}`, vcpus: 1, memoryMiB: 16, disks, metadata: { made: 'by chance' }, ...seed };
    this.firstDiskMiB = disks[0]?.sizeMiB;
    const files = ['console.log', 'journal.jsonl', ...disks.map((_, i) => `disk-${i}.qcow2`), ...('seed' in seed ? ['seed.iso'] : [])];
    this.files = files.sort();
    this.queue = dice.pick(['control', 'control', 'work', 'either']);
    // The test driver cannot.
    this.paused = dice.chance(0.2) && place.driver === 'qemu';
  }

  /** One command, or one and its copy. */
  next(): Move[] {
    const { dice } = this;
    if (this.told.length > 0 && dice.chance(0.1)) return [{ do: 'send', command: dice.pick(this.told) }];
    const command = dice.chance(0.03) ? this.atTheForeigner() : this.command();
    this.told.push(command);
    const move: Move = { do: 'send', command };
    const moves = dice.chance(0.06) ? [move, move] : [move];
    return command.wish.type === 'instance.spawn' && this.doorDice.chance(0.2) ? [...moves, ...this.byAnother(command)] : moves;
  }

  /** The same wish by another door: one guest, whoever comes first. */
  private byAnother(command: PlannedCommand): Move[] {
    if (this.place.doors !== 'all') return [];
    const door = this.doorDice.pick(DOORS.filter((other) => other !== command.door));
    return [{ do: 'send', command: { ...command, ...this.into(command, door), messageId: randomUUID() } }];
  }

  /** By which queue, or how, it comes through a door. */
  private into(
    { wish, queue, faint }: Pick<PlannedCommand, 'wish' | 'queue' | 'faint'>,
    door: Door,
  ): Pick<PlannedCommand, 'door' | 'queue' | 'faint'> {
    if (door === 'queue') return { door, queue, faint: false };
    return { door, queue: queueOf(wish.type), faint };
  }

  private command(): PlannedCommand {
    if (!this.begun) {
      this.begun = true;
      return this.spawn();
    }
    const verb = this.place.doors === 'all' ? this.dice.weighted(ALL_CHANGES) : this.dice.weighted(CHANGES);
    if (verb === 'dryRun') return this.dryRun();
    if (verb === 'spawn') {
      if (this.dice.chance(0.7)) this.generation += 1;
      return this.spawn();
    }
    if (verb === 'destroy') {
      // The next spawn is mostly meant to succeed.
      this.begun = this.dice.chance(0.3);
      const generation = this.dice.chance(0.3) ? this.generation : undefined;
      if (!this.begun) this.generation += 1;
      return this.planned('instance.destroy', generation === undefined ? {} : { generation });
    }
    const [body, wish = body] = this.argumentsOf(verb);
    const command = this.planned(`instance.${verb}`, body);
    return { ...command, wish: { type: command.wish.type, id: this.id, plugs: this.place.driver === 'qemu', ...wish } };
  }

  private argumentsOf(verb: Verb): Arguments {
    const { dice } = this;
    const special: Partial<Record<Verb, () => Arguments>> = {
      start: () => (this.place.driver === 'qemu' && dice.chance(0.3) ? [{ start: { paused: true } }, { paused: true }] : [{}]),
      stop: () => [{ grace: dice.below(2) }],
      reboot: () => [dice.chance(0.5) ? { mode: 'hard' } : { mode: 'soft', grace: 1 }],
      setMetadata: () => [{ metadata: { roll: String(dice.below(1000)) } }],
      resize: () => this.sizes(),
      attachDisk: () => [{ disk: { device: EXTRA_DEVICE, sizeMiB: 1 } }, {}],
      detachDisk: () => this.detach(dice.chance(0.5)),
      rebuild: () => this.disks(dice.chance(0.5) ? dice.pick(this.place.images) : undefined),
      rescue: () => [{ image: dice.pick(this.place.images), grace: 1 }, {}],
      unrescue: () => [{ grace: 1 }, {}],
      attachInterface: () => [{ interface: { kind: 'user', mac: EXTRA_MAC } }, {}],
      detachInterface: () => [{ interface: { mac: EXTRA_MAC }, grace: 1 }, {}],
      setAdminPassword: () => [{ password: `secret ${dice.below(1000)}` }, {}],
      snapshot: () => this.snapshot(`${randomUUID()}.qcow2`),
    };
    return special[verb]?.() ?? [dice.chance(0.05) ? { generation: this.generation } : {}];
  }

  private detach(remove: boolean): Arguments {
    return [{ disk: { device: EXTRA_DEVICE }, remove, grace: 1 }, { remove }];
  }

  /** Of a rebuild: empty, or from an image, mostly with the size that there is. */
  private disks(image: RemoteImage | undefined): Arguments {
    const firstDiskMiB = image === undefined && this.dice.chance(0.4) ? 1 + this.dice.below(4) : undefined;
    const disk = { device: 'vda', ...(image && { image }), ...(firstDiskMiB !== undefined && { sizeMiB: firstDiskMiB }) };
    return [{ disks: [disk], grace: 1 }, firstDiskMiB === undefined ? {} : { firstDiskMiB }];
  }

  private dryRun(): PlannedCommand {
    const { wish, body, ...command } = this.spawn();
    return { ...command, wish: { ...wish, dryRun: true }, body: { ...body, dryRun: true } };
  }

  private snapshot(file: string): Arguments {
    return [{ image: { name: file } }, { file }];
  }

  private sizes(): Arguments {
    const { dice } = this;
    const vcpus = dice.chance(0.7) ? 1 + dice.below(3) : undefined;
    const firstDiskMiB = vcpus === undefined || dice.chance(0.4) ? 1 + dice.below(4) : undefined;
    const grown = firstDiskMiB === undefined ? {} : { disks: [{ device: 'vda', sizeMiB: firstDiskMiB }] };
    const wish = { ...(vcpus !== undefined && { vcpus }), ...(firstDiskMiB !== undefined && { firstDiskMiB }) };
    return [{ ...(vcpus !== undefined && { vcpus }), ...grown, grace: 1 }, wish];
  }

  private spawn(): PlannedCommand {
    const vcpus = this.dice.chance(0.05) ? 2 : 1;
    const instance = { ...this.spec, vcpus };
    const hash = specHash(InstanceSpec.parse(instance));
    const { generation, paused, firstDiskMiB } = this;
    const sizes = { vcpus, ...(firstDiskMiB !== undefined && { firstDiskMiB }) };
    const wish = { specHash: hash, generation, metadata: { made: 'by chance' }, paused, ...sizes };
    const command = this.planned('instance.spawn', { generation });
    const queue = this.queue === 'control' ? 'work' : command.queue;
    const body = { ...command.body, instance, ...(paused && { start: { paused } }) };
    return { ...command, ...this.into({ ...command, queue }, command.door), wish: { ...command.wish, ...wish }, body };
  }

  private atTheForeigner(): PlannedCommand {
    const type = this.dice.pick(['instance.destroy', 'instance.stop', 'instance.pause', 'instance.setMetadata'] as const);
    const more = type === 'instance.setMetadata' ? { metadata: { a: 'b' } } : {};
    const command = this.planned(type, more);
    const id = this.place.foreignId;
    return { ...command, wish: { ...command.wish, id }, body: { ...command.body, instance: { id } } };
  }

  private planned(type: CommandType, more: Readonly<Record<string, unknown>>): PlannedCommand {
    const hasty = this.dice.chance(0.03);
    const { dice, doorDice, id } = this;
    const wish = { type, id, ...more };
    const queue = this.queue === 'either' ? dice.pick(['work', 'control'] as const) : this.queue;
    const door = doorDice.pick(type === 'instance.console' ? this.waysIn.map((one) => (one === 'grpc' ? 'oslo' : one)) : this.waysIn);
    const into = this.into({ wish, queue, faint: doorDice.chance(0.15) }, door);
    return { wish, body: { instance: { id }, ...more }, messageId: randomUUID(), hasty, ...into };
  }
}
