import { randomUUID } from 'node:crypto';
import { FAULT_POINTS } from '../../services/compute/checkpoint.js';
import { CHANGE_STEPS, DESTROY_STEPS, SPAWN_STEPS } from '../../services/compute/ports.js';
import { InstanceSpec } from '../../services/common/messages/instance-spec.js';
import { specHash } from '../../services/common/spec-hash.js';
import type { CommandType } from '../../services/common/messages/commands.js';
import { CORRUPTIONS, type Corruption } from './corrupt.js';
import type { Queue, Wish } from './sent.js';
import { Dice } from './dice.js';
import { faultsFor, type FaultName } from './fault-names.js';

export type DriverKind = 'test' | 'qemu';

export interface PlannedCommand {
  readonly wish: Wish;
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
  /** Where the worker's lives end, in their order: "<point> <n-th passing>". */
  readonly deaths: readonly string[];
  readonly instances: readonly PlannedInstance[];
}

export interface PlannedInstance {
  readonly id: string;
  /** Files that its directory holds when it stands. */
  readonly files: readonly string[];
}

export const POINTS = [...new Set([...SPAWN_STEPS, ...DESTROY_STEPS, ...CHANGE_STEPS, ...FAULT_POINTS])];
const COMMANDS = 60;
const INSTANCES = 8;

/** Seeds in which the worker is left alive: what it keeps for ever shows in these. */
export const isGentle = (seed: number): boolean => seed % 4 === 0;

export function makePlan(seed: number, driver: DriverKind, foreignId: string): Plan {
  const dice = new Dice(seed);
  const instances = Array.from({ length: INSTANCES }, () => new Story(dice, foreignId));
  const sends: Move[] = [];
  while (sends.length < COMMANDS) sends.push(...dice.pick(instances).next());
  for (let i = 0; i < 6; i++) swap(sends, dice.below(sends.length - 1));
  const moves = sends.flatMap((move): Move[] => (dice.chance(0.6) ? [move] : [{ do: 'wait', ms: dice.below(40) }, move]));
  const extra = (move: Move): void => void moves.splice(dice.below(moves.length + 1), 0, move);
  for (let i = 0; i < 3; i++) extra({ do: 'corrupt', how: dice.pick(CORRUPTIONS), queue: dice.pick(['work', 'control']) });
  for (const verb of ['destroy', 'start'] as const) extra({ do: 'foreign', verb });
  const faults = faultsFor(driver, isGentle(seed));
  for (let i = 2 + dice.below(4); i > 0; i--)
    extra({ do: 'fault', name: dice.weighted(faults), ms: 100 + dice.below(1500), roll: dice.below(1000) });
  const deaths = isGentle(seed) ? [] : Array.from({ length: 2 + dice.below(4) }, () => `${dice.pick(POINTS)} ${1 + dice.below(4)}`);
  return { moves, deaths, instances: instances.map(({ id, files }) => ({ id, files })) };
}

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
  ['get', 2],
  ['console', 1],
  ['diagnostics', 1],
  ['destroy', 3],
  ['spawn', 2],
] as const;

/** What happens to one instance, in the order in which it is meant; how it comes out is another matter. */
class Story {
  readonly id = randomUUID();
  readonly files: readonly string[];
  private readonly spec: Readonly<Record<string, unknown>>;
  private readonly queue: Queue | 'either';
  private generation = 1;
  private begun = false;
  private readonly told: PlannedCommand[] = [];

  constructor(
    private readonly dice: Dice,
    private readonly foreignId: string,
  ) {
    const disks = Array.from({ length: dice.below(3) }, () => ({ sizeMiB: 1 + dice.below(2) }));
    this.spec = { id: this.id, name: `guest ${dice.below(100)}`, vcpus: 1, memoryMiB: 16, disks, metadata: { made: 'by chance' } };
    this.files = ['console.log', 'journal.jsonl', ...disks.map((_, i) => `disk-${i}.qcow2`)].sort();
    this.queue = dice.pick(['control', 'control', 'work', 'either']);
  }

  /** One command, or one and its copy. */
  next(): Move[] {
    const { dice } = this;
    if (this.told.length > 0 && dice.chance(0.1)) return [{ do: 'send', command: dice.pick(this.told) }];
    const command = dice.chance(0.03) ? this.atTheForeigner() : this.command();
    this.told.push(command);
    const move: Move = { do: 'send', command };
    return dice.chance(0.06) ? [move, move] : [move];
  }

  private command(): PlannedCommand {
    if (!this.begun) {
      this.begun = true;
      return this.spawn();
    }
    const verb = this.dice.weighted(CHANGES);
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
    return this.planned(`instance.${verb}`, this.argumentsOf(verb));
  }

  private argumentsOf(verb: Exclude<(typeof CHANGES)[number][0], 'spawn' | 'destroy'>): Readonly<Record<string, unknown>> {
    const { dice } = this;
    if (verb === 'stop') return { grace: dice.below(2) };
    if (verb === 'reboot') return dice.chance(0.5) ? { mode: 'hard' } : { mode: 'soft', grace: 1 };
    if (verb === 'setMetadata') return { metadata: { roll: String(dice.below(1000)) } };
    return dice.chance(0.05) ? { generation: this.generation } : {};
  }

  private spawn(): PlannedCommand {
    const other = this.dice.chance(0.05);
    const instance = other ? { ...this.spec, vcpus: 2 } : this.spec;
    const hash = specHash(InstanceSpec.parse(instance));
    const wish = { specHash: hash, generation: this.generation, metadata: { made: 'by chance' } };
    const command = this.planned('instance.spawn', { generation: this.generation });
    const queue = this.queue === 'control' ? 'work' : command.queue;
    return { ...command, queue, wish: { ...command.wish, ...wish }, body: { ...command.body, instance } };
  }

  private atTheForeigner(): PlannedCommand {
    const type = this.dice.pick(['instance.destroy', 'instance.stop', 'instance.pause', 'instance.setMetadata'] as const);
    const more = type === 'instance.setMetadata' ? { metadata: { a: 'b' } } : {};
    const command = this.planned(type, more);
    const wish = { ...command.wish, id: this.foreignId };
    return { ...command, wish, body: { ...command.body, instance: { id: this.foreignId } } };
  }

  private planned(type: CommandType, more: Readonly<Record<string, unknown>>): PlannedCommand {
    const hasty = this.dice.chance(0.03);
    const { dice, id } = this;
    return {
      wish: { type, id, ...more },
      body: { instance: { id }, ...more },
      messageId: randomUUID(),
      queue: this.queue === 'either' ? dice.pick(['work', 'control'] as const) : this.queue,
      hasty,
    };
  }
}
