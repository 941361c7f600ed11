import type { Delivery, QueueClass } from './delivery.js';

/**
 * Messages on their way back to the broker, undone. It puts them before the rest of their queue in the order in which they come, so they wait for
 * one another: a command that still runs may give up last, and was the first.
 */
export class Returns {
  readonly #held: { readonly delivery: Delivery; readonly place: number }[] = [];
  #places = 0;

  /** In the order of their delivery. */
  place(): number {
    return ++this.#places;
  }

  hold(delivery: Delivery, place: number): void {
    this.#held.push({ delivery, place });
  }

  /** All of the queue's go back, the first one first. */
  release(queue: QueueClass): void {
    const all = this.#held.splice(0).sort((a, b) => a.place - b.place);
    for (const one of all) {
      if (one.delivery.queue === queue) one.delivery.giveBack();
      else this.#held.push(one);
    }
  }
}
