import type { QueueClass } from './delivery.js';
import { Lane } from './lane.js';
import { Slots } from './slots.js';

/**
 * One serial lane an instance, and a bound on how much runs at once for each queue. A command waits first for its lane, then for a slot,
 * so that copies which wait for one instance keep nobody else from working.
 */
export class Lanes<W = unknown> {
  readonly #lanes = new Map<string, { lane: Lane<W | null>; users: number }>();
  readonly #slots: Readonly<Record<QueueClass, Slots>>;
  readonly #goesBefore: (late: W | null, early: W | null) => boolean;

  /** @param goesBefore whether one that comes later passes one that waits already */
  constructor(capacity: Readonly<Record<QueueClass, number>>, goesBefore: (late: W, early: W) => boolean = () => false) {
    this.#slots = { work: new Slots(capacity.work), control: new Slots(capacity.control) };
    this.#goesBefore = (late, early) => late !== null && (early === null || goesBefore(late, early));
  }

  /** Instances that have a command in hand or waiting. */
  get size(): number {
    return this.#lanes.size;
  }

  /** Who is in the lane of `instanceId`: first who has it, then who waits. Null: somebody without a name. */
  inLane(instanceId: string): readonly (W | null)[] {
    return this.#lanes.get(instanceId)?.lane.members ?? [];
  }

  /** Runs `work` when nothing else runs for `instanceId`; without a `who` it lets everybody pass who has one. Rejects with the signal's reason when it is aborted before `work` began. */
  async run<T>(instanceId: string, queue: QueueClass, signal: AbortSignal, work: () => Promise<T>, who: W | null = null): Promise<T> {
    const entry = this.#lanes.get(instanceId) ?? { lane: new Lane<W | null>(), users: 0 };
    this.#lanes.set(instanceId, entry);
    entry.users += 1;
    try {
      const leaveLane = await entry.lane.take(who, signal, this.#goesBefore);
      try {
        const leaveSlot = await this.#slots[queue].take(signal);
        try {
          return await work();
        } finally {
          leaveSlot();
        }
      } finally {
        leaveLane();
      }
    } finally {
      entry.users -= 1;
      if (entry.users === 0) this.#lanes.delete(instanceId);
    }
  }
}
