import type { QueueClass } from './delivery.js';
import { Slots } from './slots.js';

/**
 * One serial lane an instance, and a bound on how much runs at once for each queue. A command waits first for its lane, then for a slot,
 * so that copies which wait for one instance keep nobody else from working.
 */
export class Lanes {
  readonly #lanes = new Map<string, { lane: Slots; users: number }>();
  readonly #slots: Readonly<Record<QueueClass, Slots>>;

  constructor(capacity: Readonly<Record<QueueClass, number>>) {
    this.#slots = { work: new Slots(capacity.work), control: new Slots(capacity.control) };
  }

  /** Instances that have a command in hand or waiting. */
  get size(): number {
    return this.#lanes.size;
  }

  /** Runs `work` when nothing else runs for `instanceId`. Rejects with the signal's reason when it is aborted before `work` began. */
  async run<T>(instanceId: string, queue: QueueClass, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const entry = this.#lanes.get(instanceId) ?? { lane: new Slots(1), users: 0 };
    this.#lanes.set(instanceId, entry);
    entry.users += 1;
    try {
      const leaveLane = await entry.lane.take(signal);
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
