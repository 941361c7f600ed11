import { asComputeError, type ComputeError } from '../common/errors.js';
import { COMMAND_BODIES, instanceIdOf, LOOKS, makesInstance, type Command } from '../common/messages/commands.js';
import { withoutSecrets } from '../common/messages/secret.js';
import type { LoadWatcher } from './load-watcher.js';
import { Asides } from './asides.js';
import { Attempts, type AttemptsOptions, type Outcome } from './attempts.js';
import { keyOf } from './answered.js';
import { NO_BEGUN_LOG, type BegunLog } from './begun-log.js';
import { bounded } from './bounded.js';
import { BrokenOff, type Pause } from './broken-off.js';
import type { CommandWatcher } from './command-watcher.js';
import { decode, type Rejection } from './decode.js';
import type { Delivery, QueueClass } from './delivery.js';
import { endsWithin } from './ends-within.js';
import { Lanes } from './lanes.js';
import { fieldsOf } from './log.js';
import { commandLabel, watchCommands, type CommandInHand } from './metrics.js';
import { generationBuriedBy } from './begun-destroy.js';
import { calledOff, goesBefore, preempt } from './preemption.js';
import type { Notices } from './notices.js';
import { rejectedAnswer, type Answer } from './result.js';
import { Returns } from './returns.js';
import { Settling, type SettlingOptions, type Told } from './settling.js';
import { Expired, GivenBack, Turn } from './turn.js';
import { whileWanted } from './wanted.js';

export interface TasksOptions extends AttemptsOptions, SettlingOptions {
  /** Commands in hand at once, for each queue. */
  readonly capacity: Readonly<Record<QueueClass, number>>;
  readonly defaultDeadlineMs: number;
  readonly commandWatcher?: CommandWatcher | undefined;
  readonly notices?: Notices;
  /** What earlier processes died over. Default: nobody remembers, and the broker's count of returns has to do. */
  readonly begunLog?: BegunLog | undefined;
  readonly loadWatcher?: LoadWatcher | undefined;
  /** For tests: how a message waits that goes back after a fault of our own. */
  readonly pause?: Pause;
}

/** What a command came to, or that somebody is given it again. */
type Ended = Outcome | 'given back';

/** How long after its deadline a command that is begun may tell what became of it, before it is answered without. */
const LATE_MS = 2000;
const LOOK_MS = 2000;
/** RabbitMQ takes a message back that is unacknowledged for 30 minutes. */
const MAX_DEADLINE_MS = 25 * 60_000;

/**
 * From a delivery to its end: lane, deadline, handler, result, confirmation, ack, in this order. Until the ack the message is the broker's,
 * so a worker that dies anywhere here loses nothing.
 */
export class Tasks {
  readonly #lanes: Lanes<Turn>;
  readonly #attempts: Attempts;
  readonly #settling: Settling;
  /** Every task, and what resolves when its answer is on the disk. */
  readonly #inHand = new Map<Promise<void>, Promise<void>>();
  readonly #handling = new Set<Promise<unknown>>();
  /** By key: what the first of the copies that are in hand is answered with. */
  readonly #answers = new Map<string, Promise<Ended>>();
  readonly #turns = new Set<Turn>();
  /** Queues of which nothing more is begun, with the reason, and when what is not begun goes back. */
  readonly #closed = new Map<QueueClass, { readonly why: string; readonly goesBack: 'together' | 'later' | 'at once' }>();
  readonly #returns = new Returns();
  readonly #brokenOff: BrokenOff;
  readonly #asides = new Asides();
  readonly #asidesClosed = new AbortController();
  readonly #begunLog: BegunLog;
  readonly #notices: Notices;

  constructor(private readonly options: TasksOptions) {
    this.#lanes = new Lanes(options.capacity, goesBefore);
    this.#attempts = new Attempts(options);
    this.#settling = new Settling(options);
    this.#begunLog = options.begunLog ?? NO_BEGUN_LOG;
    this.#notices = options.notices ?? (() => []);
    this.#brokenOff = new BrokenOff(options.pause);
    watchCommands(options.metrics, () => this.#commandsInHand());
  }

  /** Takes a message in hand; sees to it until its ack. */
  readonly take = (delivery: Delivery): void => {
    let onKept!: () => void;
    const kept = new Promise<void>((resolve) => (onKept = resolve));
    if (this.#inHand.size === 0) this.options.loadWatcher?.busy();
    const task = this.#see(delivery, onKept).finally(() => this.#over(task));
    this.#inHand.set(task, kept);
  };

  #over(task: Promise<void>): void {
    this.#inHand.delete(task);
    if (this.#inHand.size === 0) this.options.loadWatcher?.idle();
  }

  /** Sends the answers that an earlier process could not. */
  sendKept(): Promise<void> {
    return this.#settling.sendKept();
  }

  /**
   * Begins nothing more of this queue: what waits goes back to the broker, and so does what is begun and would wait for another try. It goes
   * back together, in its order, once nothing runs any more.
   */
  close(queue: QueueClass, why: string): void {
    this.#closed.set(queue, { why, goesBack: 'together' });
    this.#brokenOff.release(queue);
    for (const turn of this.#turns) if (turn.queue === queue) turn.giveBack(why);
    if (this.#mayGoBack(queue)) this.#returns.release(queue);
  }

  /**
   * Begins nothing more of this queue, and keeps in hand what is not begun until `close` or `drain` say when it goes back: while the queue is
   * consumed the broker would hand it out again and again, and count.
   */
  halt(queue: QueueClass, why: string): object {
    const closed = { why, goesBack: 'later' } as const;
    this.#closed.set(queue, closed);
    for (const turn of this.#turns) if (turn.queue === queue && !turn.begun) turn.giveBack(why);
    return closed;
  }

  /**
   * Begins nothing more of this queue either; but what is begun comes to its end, so that the rest need not wait for it and goes back at once:
   * as soon as the queue is not consumed any more.
   */
  async drain(queue: QueueClass, why: string, notConsumed: Promise<void>): Promise<void> {
    const closed = this.halt(queue, why);
    await notConsumed;
    if (this.#closed.get(queue) !== closed) return;
    this.#closed.set(queue, { why, goesBack: 'at once' });
    this.#brokenOff.release(queue);
    this.#returns.release(queue);
  }

  *#commandsInHand(): Iterable<CommandInHand> {
    const now = performance.now();
    for (const { command, begun, since } of this.#turns)
      yield { command: command.type, state: begun ? 'running' : 'waiting', seconds: (now - since) / 1000 };
  }

  /** Calls off the command of this message id: what waits ends at once, what runs as soon as it safely can. False: it is not in hand. */
  readonly callOff = (messageId: string, reason: ComputeError): boolean => {
    let found = false;
    for (const turn of this.#turns) {
      if (turn.command.messageId !== messageId) continue;
      found = true;
      turn.callOff(reason);
    }
    return found;
  };

  /** Whether nothing of the queue waits or runs. */
  #isIdle(queue: QueueClass): boolean {
    for (const turn of this.#turns) if (turn.queue === queue) return false;
    return true;
  }

  #mayGoBack(queue: QueueClass): boolean {
    const goesBack = this.#closed.get(queue)?.goesBack;
    return goesBack === 'at once' || (goesBack !== 'later' && this.#isIdle(queue));
  }

  reopen(queue: QueueClass): void {
    this.#closed.delete(queue);
    this.#returns.release(queue);
  }

  /**
   * Something that is no command, while no command of the instance runs; `wanted` is aborted when a destroy comes. Rejects, with nothing
   * begun, once `closeAsides` was called.
   */
  aside(instanceId: string, work: (wanted: AbortSignal) => Promise<void>): Promise<void> {
    return this.#lanes.run(instanceId, 'background', this.#asidesClosed.signal, () => this.#asides.run(instanceId, work));
  }

  /** Begins nothing more aside; what runs goes on to its end. */
  closeAsides(): void {
    this.#asidesClosed.abort(new Error('the worker is stopping'));
  }

  /** A command of the instance is in hand. */
  isBusy(instanceId: string): boolean {
    return this.#lanes.isBusy(instanceId);
  }

  /** Resolves when no handler runs any more; answers may still be on their way. */
  async handled(): Promise<void> {
    await Promise.allSettled([...this.#handling]);
  }

  /** Resolves when everything in hand is answered and acknowledged, or given back. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#inHand.keys()]);
  }

  /** The same, but that an answer which is on the disk is as good: the next process sends it. */
  async safe(): Promise<void> {
    await Promise.allSettled([...this.#inHand].map((either) => Promise.race(either)));
  }

  async #see(delivery: Delivery, onKept: () => void): Promise<void> {
    const { defaultDeadlineMs, metrics, log } = this.options;
    try {
      const decoded = decode(delivery, { now: Date.now(), defaultDeadlineMs, maxDeadlineMs: MAX_DEADLINE_MS });
      const type = 'command' in decoded ? decoded.command.type : decoded.rejection.type;
      const command = commandLabel(type);
      metrics.received.inc({ command });
      if (delivery.redelivered) metrics.redelivered.inc({ command });
      if ('rejection' in decoded) await this.#reject(delivery, decoded.rejection, onKept);
      else await this.#command(delivery, decoded.command, onKept);
    } catch (error) {
      // Only a fault of our own comes here. The broker gives the message out again, up to its delivery limit.
      log.error({ error: bounded(asComputeError(error).stack, 2000), messageId: bounded(delivery.properties.messageId) }, 'task broke off');
      if (this.#closed.has(delivery.queue)) delivery.giveBack();
      else await this.#brokenOff.giveBackLater(delivery);
    }
  }

  async #reject(delivery: Delivery, rejection: Rejection, onKept: () => void): Promise<void> {
    const { reason, kind, message } = rejection;
    const answer = rejectedAnswer(delivery, this.options.host, rejection);
    const also = answer.type === null ? [] : this.#notices(delivery, answer.type, null, answer.result);
    await this.#settling.settle(delivery, { answer, keep: { reason, kind, message }, also }, onKept);
    const { messageId, requestId, command, instanceId } = answer.result;
    this.options.log.warn({ reason, error: message, messageId, requestId, command, instanceId }, 'message rejected');
  }

  async #command(delivery: Delivery, command: Command, onKept: () => void): Promise<void> {
    const { log } = this.options;
    const turn = new Turn(command, delivery.queue, this.#ended(command));
    if (log.debugs) log.debug({ ...fieldsOf(command), body: shownBody(command) }, 'command taken');
    const place = this.#returns.place();
    const key = keyOf(delivery);
    const copied = this.#answers.get(key);
    const end = this.#outcome(turn, delivery, copied);
    const early = this.#earlyAnswer(turn, delivery, end, copied);
    const answer = early.then((given) => given ?? end);
    if (!copied) this.#answers.set(key, answer);
    const forget = (): unknown => !copied && this.#answers.delete(key);
    answer.then(forget, forget);
    const sent = early.then((given) => given && this.#settleEarly(turn, delivery, given, end, onKept));
    sent.catch(() => {}); // `end` fails with it
    const outcome = await end;
    if (outcome === 'given back') {
      this.options.metrics.given.inc({ command: command.type, result: 'returned' });
      this.#returns.hold(delivery, place);
    }
    if (this.#mayGoBack(delivery.queue)) this.#returns.release(delivery.queue);
    if ((await early) !== null) return sent as Promise<void>;
    if (outcome === 'given back') return;
    // The lane is free by now: whoever waits for the instance need not wait for the broker.
    await this.#settling.settle(delivery, this.#told(delivery, command, outcome), onKept);
    this.#report(turn, outcome.answer);
  }

  /**
   * The answer to a command whose deadline comes before its end; null when it has one, or leaves its line with one. What is begun goes on to
   * its end all the same, for only that leaves nothing half made.
   * @param copied what a copy of the message that came before, and is in hand, is answered with: both hear the same
   */
  async #earlyAnswer(turn: Turn, delivery: Delivery, end: Promise<Ended>, copied?: Promise<Ended>): Promise<Outcome | null> {
    const over = end.catch(() => {});
    if (await endsWithin(over, turn.command.deadline - Date.now())) return null;
    const theirs = turn.begun ? undefined : await copied?.catch(() => undefined);
    const recalled = this.#settling.recall(delivery);
    const known = theirs && theirs !== 'given back' ? theirs : recalled && { answer: recalled };
    if (!turn.begun && (known || !mayHaveLeft(turn, delivery))) {
      turn.expire(known ?? this.#attempts.expired(turn));
      return null;
    }
    // What is begun heeds its deadline itself, and mostly knows in a moment what became of it.
    if (turn.begun && (await endsWithin(over, LATE_MS))) return null;
    turn.answered = true;
    const given = known ?? this.#attempts.overdue(turn);
    this.#settling.remember(delivery, given.answer);
    return given;
  }

  /** Its message stays the broker's until nothing of it is under way any more. */
  async #settleEarly(turn: Turn, delivery: Delivery, given: Outcome, end: Promise<Ended>, onKept: () => void): Promise<void> {
    const { command, since } = turn;
    this.#report(turn, given.answer);
    const over = end.then((outcome) => {
      const fields = { ...fieldsOf(command), durationMs: Math.round(performance.now() - since) };
      const { error } = outcome === 'given back' ? {} : outcome.answer.result;
      const how = outcome === 'given back' ? outcome : (error?.kind ?? 'done');
      this.options.log.info({ ...fields, outcome: how, ...(error && { error: bounded(error.message) }) }, 'command ended after its answer');
      return outcome !== 'given back';
    });
    await this.#settling.settle(delivery, this.#told(delivery, command, given), onKept, over);
  }

  #told(delivery: Delivery, command: Command, outcome: Outcome): Told {
    return { ...outcome, also: this.#notices(delivery, command.type, command, outcome.answer.result) };
  }

  /** @param copied what a copy of the message that came before, and is in hand, is answered with */
  async #outcome(turn: Turn, delivery: Delivery, copied?: Promise<Ended>): Promise<Ended> {
    const { command, queue } = turn;
    const closed = this.#closed.get(queue);
    if (closed !== undefined) turn.giveBack(closed.why);
    const lane = laneOf(command);
    const laneClass = command.type === 'image.prefetch' && queue === 'work' ? 'fetch' : queue;
    this.#turns.add(turn);
    try {
      if (LOOKS.has(command.type)) {
        turn.isSpawning = () => this.#lanes.inLane(lane).some((other) => other !== null && makesInstance(other.command));
        if (copied && delivery.redelivered) await whileWanted(turn.waiting, () => copied).catch(() => {}); // at its end, however
        return await this.#lanes.beside(turn.waiting, () => this.#inLane(turn, delivery));
      }
      const before = this.#lanes.inLane(lane);
      // Whoever is called off has its lane, and takes away there what it left in another life.
      const evenSo = (): boolean => turn.wanted.aborted;
      const running = this.#lanes.run(lane, laneClass, turn.waiting, () => this.#inLane(turn, delivery), turn, evenSo);
      // A destroy that was answered before has nothing more to call off.
      if (closed === undefined && !turn.isOver && !this.#settling.recall(delivery)) {
        if (command.type === 'instance.destroy') this.#asides.callOff(lane, calledOff(`what was done for ${lane} unasked`, command));
        void preempt(turn, before, this.options.driver);
      }
      return await running;
    } catch (error) {
      if (error instanceof GivenBack) return 'given back';
      if (error instanceof Expired) {
        this.#settling.remember(delivery, error.outcome.answer);
        return error.outcome;
      }
      // Called off before its turn; a spawn that may have left something has to have it.
      if (turn.wanted.aborted && error === turn.wanted.reason && !mayHaveLeft(turn, delivery))
        return this.#attempts.failed(command, asComputeError(error));
      throw error;
    } finally {
      this.#turns.delete(turn);
    }
  }

  /** The generation that a destroy names, or has buried before it was cut off. */
  #ended(command: Command): number | undefined {
    if (command.type !== 'instance.destroy') return undefined;
    return command.body.generation ?? generationBuriedBy(command, this.options.tombstones) ?? undefined;
  }

  async #inLane(turn: Turn, delivery: Delivery): Promise<Outcome> {
    turn.begun = true;
    this.options.metrics.queueWait.observe({ command: turn.command.type }, (performance.now() - turn.since) / 1000);
    const earlier = this.#settling.recall(delivery);
    if (earlier) {
      this.options.metrics.duplicates.inc({ command: turn.command.type });
      // It was answered before its remains were taken away, and the worker may have ended in between.
      if (earlier.result.error?.kind === 'timeout') await this.#tracked(this.#attempts.takeAway(turn));
      return { answer: earlier };
    }
    const { checkpoint, commandWatcher, publish } = this.options;
    const id = instanceIdOf(turn.command) ?? '';
    commandWatcher?.began(turn.command);
    for (const notice of this.#notices(delivery, turn.command.type, turn.command, null)) void publish(notice);
    await checkpoint?.('received', id);
    const key = keyOf(delivery);
    const undone = this.#begunLog.begin(key) ?? delivery.deliveryCount;
    try {
      const { redelivered, admit } = delivery;
      const outcome = await this.#tracked(this.#attempts.run(turn, { undone, redelivered, admit }));
      commandWatcher?.ended(turn.command, outcome.answer.result);
      if (delivery.saw) await this.#tracked(this.#show(delivery, outcome, id));
      await checkpoint?.('handled', id);
      if (!turn.answered) this.#settling.remember(delivery, outcome.answer);
      else if (outcome.answer.result.error?.leftovers) await this.#tracked(this.#attempts.takeAway(turn));
      return outcome;
    } catch (error) {
      commandWatcher?.ended(turn.command, null);
      throw error;
    } finally {
      this.#begunLog.end(key);
    }
  }

  /** Before the next command of the instance changes it. Nothing depends on it, so it has little time. */
  async #show(delivery: Delivery, { answer: { result } }: Outcome, id: string): Promise<void> {
    if (!result.instance && result.error?.kind !== 'conflict') return;
    const found = await this.options.driver.find(id, Date.now() + LOOK_MS).catch(() => null);
    if (found) delivery.saw?.(found);
  }

  async #tracked<T>(work: Promise<T>): Promise<T> {
    this.#handling.add(work);
    try {
      return await work;
    } finally {
      this.#handling.delete(work);
    }
  }

  #report({ command, since }: Turn, { result }: Answer): void {
    const seconds = (performance.now() - since) / 1000;
    const { outcome, error } = result;
    this.options.metrics.commandDuration.observe({ command: command.type, outcome: error?.kind ?? outcome }, seconds);
    const fields = { ...fieldsOf(command), outcome, durationMs: Math.round(seconds * 1000) };
    if (error) this.options.log.warn({ ...fields, kind: error.kind, error: bounded(error.message) }, 'command answered');
    else this.options.log.info(fields, 'command answered');
  }
}

function shownBody({ type, body }: Command): object {
  return withoutSecrets(COMMAND_BODIES[type], body) as object;
}

/** A spawn or a destroy that was begun in another life: what that left is taken away, also when nobody waits for it any more. */
function mayHaveLeft({ command }: Turn, { redelivered }: Delivery): boolean {
  return redelivered && (makesInstance(command) || command.type === 'instance.destroy');
}

/** What is about one instance, or one image, waits for what came before it; commands about the host have one lane. */
function laneOf(command: Command): string {
  if (command.type === 'image.prefetch') {
    const { url, sha256 } = command.body.image;
    return `image ${sha256 ?? url}`;
  }
  return instanceIdOf(command) ?? 'host';
}
