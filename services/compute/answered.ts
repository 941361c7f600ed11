import { createHash } from 'node:crypto';
import type { Answer } from './result.js';
import type { Delivery } from './delivery.js';

const REMEMBERED = 1000;

/**
 * The last answers given, so that a copy which the broker delivers because our ack was lost is answered with the same words instead of
 * being run again: a failure could otherwise become a success that nobody expects.
 */
export class Answered {
  readonly #answers = new Map<string, Answer>();

  remember(key: string, answer: Answer): void {
    this.#answers.set(key, answer);
    if (this.#answers.size <= REMEMBERED) return;
    for (const oldest of this.#answers.keys()) {
      this.#answers.delete(oldest);
      return;
    }
  }

  /** The answer given to this very message; a message that is delivered for the first time never has one. */
  recall(delivery: Delivery): Answer | undefined {
    return delivery.redelivered ? this.#answers.get(keyOf(delivery)) : undefined;
  }
}

/** Id and body: two commands that share an id by mistake are still two commands. */
export function keyOf({ properties, content }: Delivery): string {
  return `${String(properties.messageId)} ${createHash('sha256').update(content).digest('base64')}`;
}
