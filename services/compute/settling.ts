import { asComputeError } from '../common/errors.js';
import { NO_ANSWER_LOG, type AnswerLog } from './answer-log.js';
import { Answered, keyOf } from './answered.js';
import { eventMessage, replyMessage } from './answer-messages.js';
import type { Outcome } from './attempts.js';
import { bounded } from './bounded.js';
import type { Checkpoint } from './checkpoint.js';
import { deadLetter, withoutStrangersHeaders } from './dead-letter.js';
import type { Delivery } from './delivery.js';
import { endsWithin } from './ends-within.js';
import type { Log } from './log.js';
import { commandLabel, type Metrics } from './metrics.js';
import type { Outgoing, Publish } from './outgoing.js';
import type { Outbox, Unsent } from './outbox/outbox.js';
import type { Answer } from './result.js';

export interface SettlingOptions {
  readonly host: string;
  readonly publish: Publish;
  /** Null: the worker has no directory, and its answers end with it. */
  readonly outbox: Outbox | null;
  /** Answers that an earlier process gave. */
  readonly answerLog?: AnswerLog | undefined;
  /** For tests: awaited wherever the worker may die. */
  readonly checkpoint?: Checkpoint | undefined;
  /** False while the broker is away or takes nothing. */
  readonly brokerTakes: () => boolean;
  /** Told when answers can no longer be kept, and when they can again. */
  readonly onTrouble: (trouble: string | null) => void;
  readonly metrics: Metrics;
  readonly log: Log;
  /** How long an answer may wait for its confirmation before it is written to the disk. Default 1 s. */
  readonly promptMs?: number;
}

/** An outcome, and who else hears of it. */
export interface Told extends Outcome {
  readonly also?: readonly Outgoing[];
}

const PROMPT_MS = 1000;

/**
 * From an answer to the acknowledgement of its command. Reply, event and dead letter are confirmed first; as long as the broker does not take
 * them they are kept on the disk, so that the next process sends them and does not do the work anew to have an answer. A broker that confirms
 * promptly costs no write: until then the command is still the broker's, and that is enough.
 */
export class Settling {
  readonly #options: SettlingOptions;
  readonly #answered: Answered;
  /** Keys of answers that wait for the broker and are not on the disk. */
  readonly #unkept = new Set<string>();
  /** What the disk said. */
  #trouble: string | null = null;

  constructor(options: SettlingOptions) {
    this.#options = options;
    this.#answered = new Answered(options.answerLog ?? NO_ANSWER_LOG);
  }

  /** Sends what an earlier process could not: before anything else, as it is the oldest. Resolves when the broker has it all. */
  async sendKept(): Promise<void> {
    const kept = [...(this.#options.outbox?.unsent() ?? [])];
    this.#show();
    if (kept.length > 0) this.#options.log.info({ count: kept.length }, 'answers of an earlier run are sent');
    await Promise.all(
      kept.map(async ({ key, answer, messages }) => {
        this.#answered.remember(key, answer);
        await Promise.all(messages.map((message) => this.#send(message, answer)));
        this.#forget(key);
      }),
    );
  }

  /** The answer given to this very message before. */
  recall(delivery: Delivery): Answer | undefined {
    return this.#answered.recall(delivery);
  }

  /** From here on a copy of the message is answered with these words. */
  remember(delivery: Delivery, answer: Answer): void {
    this.#answered.remember(keyOf(delivery), answer);
  }

  /**
   * Resolves with the ack, after everything that belongs to the answer is confirmed.
   * @param onKept told when the answer is on the disk in the meantime, and nobody but the broker waits for it
   * @param over for an answer that is given while its command is still under way: the ack waits for this, and is not given for false
   */
  async settle(
    delivery: Delivery,
    { answer, keep, also = [] }: Told,
    onKept: () => void = () => {},
    over: Promise<boolean> = Promise.resolve(true),
  ): Promise<void> {
    const { host, metrics, checkpoint } = this.#options;
    const id = answer.result.instanceId ?? '';
    const replies = delivery.replies?.(answer.result) ?? [replyMessage(delivery, answer)];
    const all = [...replies, eventMessage(answer), keep ? deadLetter(delivery, host, keep) : null];
    const messages = [...all.filter((message) => message !== null), ...also];
    const sent = Promise.all(
      messages.map(async (message) => {
        await this.#send(message, answer);
        await checkpoint?.('replied', id);
      }),
    );
    let told: Promise<void> | undefined;
    const answered = (): Promise<void> => (told ??= delivery.answered?.(answer.result) ?? Promise.resolve());
    if (await this.#inTime(sent)) await sent;
    // Who asked by another door need not wait for this one, once nothing can be lost.
    else await this.#keptUntil(sent, { key: keyOf(delivery), answer, messages }, () => answered().then(onKept));
    await answered();
    if (keep) metrics.deadLettered.inc({ command: commandLabel(answer.type), reason: keep.reason });
    await checkpoint?.('published', id);
    if (!(await over)) return;
    metrics.given.inc({ command: commandLabel(answer.type), result: delivery.ack() ? 'acked' : 'lost' });
    await checkpoint?.('acknowledged', id);
  }

  async #inTime(sent: Promise<unknown>): Promise<boolean> {
    const { outbox, brokerTakes, promptMs = PROMPT_MS } = this.#options;
    if (outbox === null) return true;
    return brokerTakes() && endsWithin(sent, promptMs);
  }

  async #keptUntil(sent: Promise<unknown>, unsent: Unsent, onKept: () => Promise<void>): Promise<void> {
    const told = this.#keep(unsent) ? onKept() : undefined;
    await sent;
    await told;
    this.#forget(unsent.key);
  }

  #keep(unsent: Unsent): boolean {
    try {
      this.#options.outbox?.put(unsent);
      return true;
    } catch (error) {
      this.#unkept.add(unsent.key);
      this.#trouble = bounded(asComputeError(error).message);
      const { messageId, requestId } = unsent.answer.result;
      this.#options.log.error({ messageId: bounded(messageId), requestId, error: this.#trouble }, 'answer cannot be kept on the disk');
      return false;
    } finally {
      this.#show();
    }
  }

  #forget(key: string): void {
    this.#unkept.delete(key);
    try {
      this.#options.outbox?.remove(key);
    } catch (error) {
      // It is sent once more at the next start: the same words twice.
      this.#options.log.warn({ error: bounded(asComputeError(error).message) }, 'answer that was sent cannot be taken off the disk');
    }
    this.#show();
  }

  #show(): void {
    const { outbox, metrics, onTrouble } = this.#options;
    metrics.outboxAnswers.set(outbox?.count ?? 0);
    metrics.outboxBytes.set(outbox?.bytes ?? 0);
    const trouble = this.#unkept.size > 0 ? this.#trouble : null;
    metrics.outboxTrouble.set(trouble === null ? 0 : 1);
    onTrouble(trouble);
  }

  async #send(message: Outgoing, answer: Answer): Promise<void> {
    const { publish, metrics, log } = this.#options;
    const outcome = await publish(message);
    // Only strangers' headers are values that AMQP may have no way to write down.
    if (outcome === 'impossible') await publish(withoutStrangersHeaders(message));
    if (outcome !== 'returned') return;
    metrics.repliesReturned.inc({ command: commandLabel(answer.type) });
    const { messageId, requestId, command } = answer.result;
    log.warn({ messageId, requestId, command, queue: bounded(message.routingKey) }, 'reply returned');
  }
}
