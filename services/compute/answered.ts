import { createHash } from 'node:crypto';
import type { AnswerLog } from './answer-log.js';
import type { Answer } from './result.js';
import type { Delivery } from './delivery.js';

const REMEMBERED = 1000;

/**
 * The last answers given, so that a copy which the broker delivers because our ack was lost is answered with the same words instead of
 * being run again: a failure could otherwise become a success that nobody expects, and a destroy meet the next generation. The log brings
 * them over the end of the process.
 */
export class Answered {
  readonly #answers: Map<string, Answer>;

  constructor(private readonly log: AnswerLog) {
    this.#answers = new Map(log.read().slice(-REMEMBERED));
  }

  remember(key: string, answer: Answer): void {
    if (this.#answers.get(key) !== answer) this.log.add(key, answer);
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

/**
 * Id and body: two commands that share an id by mistake are still two commands. And the correlation id: the copies that a client sends are told
 * apart by it, and one may be answered otherwise than another, because the instance has changed in between.
 */
export function keyOf({ properties, content }: Delivery): string {
  const { messageId, correlationId } = properties;
  return `${JSON.stringify([messageId, correlationId])} ${createHash('sha256').update(content).digest('base64')}`;
}
