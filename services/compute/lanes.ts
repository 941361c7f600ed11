import type { QueueClass } from './delivery.js';
import { Lane } from './lane.js';
import { Slots } from './slots.js';

/** Commands by their queue, and what the worker looks after by itself. */
export type LaneClass = QueueClass | 'fetch' | 'background' | 'look';

/** Mostly one small file to read. */
const BACKGROUND = 16;
/** Mostly a few quick questions to the hypervisor. */
const LOOKS = 32;

/** What is fetched before anybody waits for it may be slow: it has places of its own, half as many as work has, and takes none of those. */
export const fetchPlaces = (work: number): number => Math.ceil(work / 2);

/**
 * One serial lane an instance, and a bound on how much runs at once for each queue. A command waits first for its lane, then for a slot,
 * so that copies which wait for one instance keep nobody else from working.
 */
export class Lanes<W = unknown> {
  readonly #lanes = new Map<string, { lane: Lane<W | null>; users: number; commands: number }>();
  readonly #slots: Readonly<Record<LaneClass, Slots>>;
  readonly #goesBefore: (late: W | null, early: W | null) => boolean;

  /** @param goesBefore whether one that comes later passes one that waits already */
  constructor(
    capacity: Readonly<Record<QueueClass, number>> & { readonly background?: number; readonly look?: number },
    goesBefore: (late: W, early: W) => boolean = () => false,
  ) {
    const { work, control, background = BACKGROUND, look = LOOKS } = capacity;
    this.#slots = {
      work: new Slots(work),
      control: new Slots(control),
      fetch: new Slots(fetchPlaces(work)),
      background: new Slots(background),
      look: new Slots(look),
    };
    this.#goesBefore = (late, early) => late !== null && (early === null || goesBefore(late, early));
  }

  /** A command runs or waits for the instance. */
  isBusy(instanceId: string): boolean {
    return (this.#lanes.get(instanceId)?.commands ?? 0) > 0;
  }

  /** Instances that have something in hand or waiting. */
  get size(): number {
    return this.#lanes.size;
  }

  /** Who is in the lane of `instanceId`: first who has it, then who waits. Null: somebody without a name. */
  inLane(instanceId: string): readonly (W | null)[] {
    return this.#lanes.get(instanceId)?.lane.members ?? [];
  }

  /**
   * Runs `work` when nothing else runs for `instanceId`; without a `who` it lets everybody pass who has one. Rejects with the signal's reason
   * when it is aborted before `work` began.
   * @param evenSo whether `work` is done all the same, without a slot, when it is aborted in its lane
   */
  async run<T>(
    instanceId: string,
    queue: LaneClass,
    signal: AbortSignal,
    work: () => Promise<T>,
    who: W | null = null,
    evenSo = () => false,
  ): Promise<T> {
    const entry = this.#lanes.get(instanceId) ?? { lane: new Lane<W | null>(), users: 0, commands: 0 };
    this.#lanes.set(instanceId, entry);
    const command = queue === 'background' ? 0 : 1;
    entry.users += 1;
    entry.commands += command;
    try {
      const leaveLane = await entry.lane.take(who, signal, this.#goesBefore);
      try {
        const leaveSlot = await this.#slots[queue].take(signal).catch(() => null);
        if (!leaveSlot && !evenSo()) signal.throwIfAborted();
        try {
          return await work();
        } finally {
          leaveSlot?.();
        }
      } finally {
        leaveLane();
      }
    } finally {
      entry.users -= 1;
      entry.commands -= command;
      if (entry.users === 0) this.#lanes.delete(instanceId);
    }
  }
  /** Runs what changes nothing beside whatever is in its instance's lane: a verb that hangs is what people look for. */
  async beside<T>(signal: AbortSignal, look: () => Promise<T>): Promise<T> {
    const leaveSlot = await this.#slots.look.take(signal);
    try {
      return await look();
    } finally {
      leaveSlot();
    }
  }
}
