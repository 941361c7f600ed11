import { setTimeout as sleep } from 'node:timers/promises';
import { backOffMs } from './back-off.js';
import type { Delivery, QueueClass } from './delivery.js';

/** Waits so long, or until the signal is aborted: neither is an error. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<void>;

const BACK_OFF = { firstMs: 500, maxMs: 60_000 };

/**
 * Messages over which a task broke off by a fault of our own. The broker gives each out again at once, and mostly the same happens again: so each goes back
 * after a while that grows with how often it came, and keeps its place among what is in hand until then.
 */
export class BrokenOff {
  readonly #waiting = new Map<Delivery, AbortController>();
  readonly #pause: Pause;

  constructor(pause: Pause = (ms, signal) => sleep(ms, undefined, { signal }).catch(() => {})) {
    this.#pause = pause;
  }

  /** Resolves when the message is back. */
  async giveBackLater(delivery: Delivery): Promise<void> {
    const released = new AbortController();
    this.#waiting.set(delivery, released);
    try {
      await this.#pause(backOffMs(BACK_OFF, delivery.deliveryCount + 1), released.signal);
    } finally {
      this.#waiting.delete(delivery);
      delivery.giveBack();
    }
  }

  /** Nothing more of the queue is begun: what waits need not wait. */
  release(queue: QueueClass): void {
    for (const [delivery, released] of this.#waiting) if (delivery.queue === queue) released.abort();
  }
}
