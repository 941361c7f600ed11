import type { QueueClass } from './delivery.js';
import { Slots } from './slots.js';

/** Commands by their queue, and what the worker looks after by itself. */
export type LaneClass = QueueClass | 'background';

/** Mostly one small file to read. */
const BACKGROUND = 16;

/**
 * One serial lane an instance, and a bound on how much runs at once for each queue. A command waits first for its lane, then for a slot,
 * so that copies which wait for one instance keep nobody else from working.
 */
export class Lanes {
  readonly #lanes = new Map<string, { lane: Slots; users: number; commands: number }>();
  readonly #slots: Readonly<Record<LaneClass, Slots>>;

  constructor(capacity: Readonly<Record<QueueClass, number>> & { readonly background?: number }) {
    const { work, control, background = BACKGROUND } = capacity;
    this.#slots = { work: new Slots(work), control: new Slots(control), background: new Slots(background) };
  }

  /** A command runs or waits for the instance. */
  isBusy(instanceId: string): boolean {
    return (this.#lanes.get(instanceId)?.commands ?? 0) > 0;
  }

  /** Instances that have a command in hand or waiting. */
  get size(): number {
    return this.#lanes.size;
  }

  /** Runs `work` when nothing else runs for `instanceId`. Rejects with the signal's reason when it is aborted before `work` began. */
  async run<T>(instanceId: string, queue: LaneClass, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const entry = this.#lanes.get(instanceId) ?? { lane: new Slots(1), users: 0, commands: 0 };
    this.#lanes.set(instanceId, entry);
    const command = queue === 'background' ? 0 : 1;
    entry.users += 1;
    entry.commands += command;
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
      entry.commands -= command;
      if (entry.users === 0) this.#lanes.delete(instanceId);
    }
  }
}
