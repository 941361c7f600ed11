import { setTimeout as sleep } from 'node:timers/promises';
import { asComputeError, ComputeError } from '../common/errors.js';
import { instanceIdOf, type Command } from '../common/messages/commands.js';
import { Answered } from './answered.js';
import { eventMessage, replyMessage } from './answer-messages.js';
import { backOffMs } from './back-off.js';
import { bounded } from './bounded.js';
import { deadLetter, withoutStrangersHeaders, type Cause } from './dead-letter.js';
import { decode, type Rejection } from './decode.js';
import type { Delivery } from './delivery.js';
import { DISPOSITION } from './disposition.js';
import { expired } from './expired.js';
import { handle, type Done } from './handlers/handlers.js';
import type { LaneContext } from './handlers/lane-context.js';
import { abandonSpawn } from './handlers/spawn.js';
import { Lanes } from './lanes.js';
import type { Log } from './log.js';
import { commandLabel, type Metrics } from './metrics.js';
import type { Publish } from './outgoing.js';
import type { Driver, StepListener, Tombstones } from './ports.js';
import { doneAnswer, failedAnswer, rejectedAnswer, type Answer } from './result.js';

export interface TasksOptions {
  readonly host: string;
  /** Commands in hand at once, for each queue. */
  readonly concurrency: number;
  readonly defaultDeadlineMs: number;
  readonly driver: Driver;
  readonly tombstones: Tombstones;
  readonly publish: Publish;
  readonly metrics: Metrics;
  readonly log: Log;
}

/** A message that came back undone so often is answered as a failure. Below the broker's own limit, past which nobody would be answered. */
export const DELIVERY_LIMIT = 10;
/** RabbitMQ takes a message back that is unacknowledged for 30 minutes. */
const MAX_DEADLINE_MS = 25 * 60_000;
/** How long an expired spawn may look for what is left of it. */
const ABANDON_MS = 15_000;
const AGAIN = { firstMs: 200, maxMs: 5000 };

/** What a command came to: an answer, and why the message is kept, if it is. */
interface Outcome {
  readonly answer: Answer;
  readonly keep?: Cause;
}

/**
 * From a delivery to its end: lane, deadline, handler, result, confirmation, ack, in this order. Until the ack the message is the broker's,
 * so a worker that dies anywhere here loses nothing.
 */
export class Tasks {
  readonly #lanes: Lanes;
  readonly #answered = new Answered();
  readonly #inHand = new Set<Promise<void>>();
  readonly #handling = new Set<Promise<Outcome>>();
  /** Aborted when no more work is begun. */
  readonly #stopping = new AbortController();

  constructor(private readonly options: TasksOptions) {
    this.#lanes = new Lanes({ work: options.concurrency, control: options.concurrency });
  }

  /** Takes a message in hand; sees to it until its ack. */
  readonly take = (delivery: Delivery): void => {
    const task = this.#see(delivery).finally(() => this.#inHand.delete(task));
    this.#inHand.add(task);
  };

  /** Begins nothing more: what waits goes back to the broker. */
  stop(): void {
    this.#stopping.abort(new Error('the worker is stopping'));
  }

  /** Resolves when no handler runs any more; answers may still be on their way. */
  async handled(): Promise<void> {
    await Promise.allSettled([...this.#handling]);
  }

  /** Resolves when everything in hand is answered and acknowledged, or given back. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#inHand]);
  }

  async #see(delivery: Delivery): Promise<void> {
    const { defaultDeadlineMs, metrics, log } = this.options;
    try {
      const decoded = decode(delivery, { now: Date.now(), defaultDeadlineMs, maxDeadlineMs: MAX_DEADLINE_MS });
      const type = 'command' in decoded ? decoded.command.type : decoded.rejection.type;
      const command = commandLabel(type);
      metrics.received.inc({ command });
      if (delivery.redelivered) metrics.redelivered.inc({ command });
      if ('rejection' in decoded) await this.#reject(delivery, decoded.rejection);
      else await this.#inLane(delivery, decoded.command);
    } catch (error) {
      // Only a fault of our own comes here. The broker gives the message out again, up to the delivery limit.
      log.error({ error: bounded(asComputeError(error).stack, 2000), messageId: bounded(delivery.properties.messageId) }, 'task broke off');
      delivery.giveBack();
    }
  }

  async #reject(delivery: Delivery, rejection: Rejection): Promise<void> {
    const { reason, kind, message } = rejection;
    const answer = rejectedAnswer(delivery, this.options.host, rejection);
    await this.#settle(delivery, { answer, keep: { reason, kind, message } });
    this.options.log.warn(
      { reason, error: message, messageId: answer.result.messageId, command: answer.result.command, instanceId: answer.result.instanceId },
      'message rejected',
    );
  }

  async #inLane(delivery: Delivery, command: Command): Promise<void> {
    const received = performance.now();
    try {
      await this.#lanes.run(laneOf(command), delivery.queue, this.#stopping.signal, async () => {
        const earlier = this.#answered.recall(delivery);
        if (earlier) this.options.metrics.duplicates.inc({ command: command.type });
        const outcome = earlier ? { answer: earlier } : await this.#tracked(this.#work(delivery, command));
        await this.#settle(delivery, outcome);
        this.#report(command, outcome.answer, received);
      });
    } catch (error) {
      if (!this.#stopping.signal.aborted) throw error;
      delivery.giveBack();
    }
  }

  async #tracked(work: Promise<Outcome>): Promise<Outcome> {
    this.#handling.add(work);
    try {
      return await work;
    } finally {
      this.#handling.delete(work);
    }
  }

  /** Runs the handler until there is an answer. Rejects, with nothing begun or with a failure that may pass, when the worker stops. */
  async #work(delivery: Delivery, command: Command): Promise<Outcome> {
    if (delivery.deliveryCount >= DELIVERY_LIMIT) return this.#failed(command, tooOften(delivery.deliveryCount), 'delivery-limit');
    if (command.deadline > Date.now()) return this.#tried(command, command.deadline, () => this.#handle(command));
    if (command.type !== 'instance.spawn') return this.#failed(command, expired(command.deadline));
    const until = Date.now() + ABANDON_MS;
    return this.#tried(command, until, async () => ({ instance: await abandonSpawn(command, until, this.#context(command)) }));
  }

  /** Tries again what may pass, until `until`. */
  async #tried(command: Command, until: number, run: () => Promise<Done>): Promise<Outcome> {
    const { host, metrics } = this.options;
    metrics.inFlight.inc({ command: command.type });
    try {
      for (let attempt = 1; ; attempt++) {
        try {
          return { answer: doneAnswer(command, host, await run()) };
        } catch (thrown) {
          const error = asComputeError(thrown);
          const delay = backOffMs(AGAIN, attempt);
          if (DISPOSITION[error.kind] !== 'again' || Date.now() + delay >= until) return this.#failed(command, error);
          metrics.retries.inc({ command: command.type, reason: error.kind });
          this.options.log.warn({ ...fieldsOf(command), kind: error.kind, error: bounded(error.message), attempt }, 'command tried again');
          await sleep(delay, undefined, { signal: this.#stopping.signal });
        }
      }
    } finally {
      metrics.inFlight.dec({ command: command.type });
    }
  }

  #context(command: Command): LaneContext {
    const { driver, tombstones, metrics } = this.options;
    const onStep: StepListener = (step, seconds) => metrics.stepDuration.observe({ command: command.type, step }, seconds);
    return { driver, tombstones, onStep };
  }

  #handle(command: Command): Promise<Done> {
    return handle(command, this.#context(command));
  }

  #failed(command: Command, error: ComputeError, reason: 'internal' | 'delivery-limit' = 'internal'): Outcome {
    const answer = failedAnswer(command, this.options.host, error);
    if (error.kind === 'internal')
      this.options.log.error({ ...fieldsOf(command), error: bounded(error.stack, 2000) }, 'command failed for no reason that we know');
    if (DISPOSITION[error.kind] !== 'settle-and-keep') return { answer };
    return { answer, keep: { reason, kind: error.kind, message: error.message } };
  }

  /** Reply, event and dead letter, all confirmed; then the ack. A copy that comes all the same is answered from memory. */
  async #settle(delivery: Delivery, { answer, keep }: Outcome): Promise<void> {
    this.#answered.remember(delivery, answer);
    await Promise.all([
      this.#reply(delivery, answer),
      this.options.publish(eventMessage(answer)),
      keep && this.#keep(delivery, answer, keep),
    ]);
    delivery.ack();
  }

  async #reply(delivery: Delivery, answer: Answer): Promise<void> {
    const reply = replyMessage(delivery, answer);
    if (!reply) return;
    const outcome = await this.options.publish(reply);
    if (outcome === 'confirmed') return;
    this.options.metrics.repliesReturned.inc({ command: commandLabel(answer.type) });
    this.options.log.warn(
      { messageId: answer.result.messageId, command: answer.result.command, queue: bounded(reply.routingKey) },
      'reply returned',
    );
  }

  async #keep(delivery: Delivery, answer: Answer, cause: Cause): Promise<void> {
    const { host, publish, metrics } = this.options;
    const letter = deadLetter(delivery, host, cause);
    if ((await publish(letter)) === 'impossible') await publish(withoutStrangersHeaders(letter));
    metrics.deadLettered.inc({ command: commandLabel(answer.type), reason: cause.reason });
  }

  #report(command: Command, { result }: Answer, received: number): void {
    const seconds = (performance.now() - received) / 1000;
    const { outcome, error } = result;
    this.options.metrics.commandDuration.observe({ command: command.type, outcome: error?.kind ?? outcome }, seconds);
    const fields = { ...fieldsOf(command), outcome, durationMs: Math.round(seconds * 1000) };
    if (error) this.options.log.warn({ ...fields, kind: error.kind, error: bounded(error.message) }, 'command answered');
    else this.options.log.info(fields, 'command answered');
  }
}

function fieldsOf(command: Command) {
  const { type, messageId, requestId } = command;
  const instanceId = instanceIdOf(command);
  return { command: type, messageId, requestId, ...(instanceId !== undefined && { instanceId }) };
}

/** What is about one instance, or one image, waits for what came before it. */
function laneOf(command: Command): string {
  if (command.type !== 'image.prefetch') return command.body.instance.id;
  const { url, sha256 } = command.body.image;
  return `image ${sha256 ?? url}`;
}

function tooOften(count: number): ComputeError {
  return new ComputeError(
    'internal',
    `the message came back undone ${count} times; the worker may die over it. It is kept on the dead-letter queue`,
  );
}
