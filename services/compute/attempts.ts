import { asComputeError, ComputeError } from '../common/errors.js';
import { instanceIdOf, makesInstance, type Command, type CommandOf } from '../common/messages/commands.js';
import { backOffMs } from './back-off.js';
import { generationBuriedBy } from './begun-destroy.js';
import { bounded } from './bounded.js';
import type { Checkpoint } from './checkpoint.js';
import type { Cause } from './dead-letter.js';
import type { Delivery } from './delivery.js';
import { DISPOSITION } from './disposition.js';
import { expired, halfGone, mayHaveLeft, overdue, type Remains, remainsOf, withRemains } from './expired.js';
import { handle, type Done } from './handlers/handlers.js';
import type { CommandContext } from './handlers/lane-context.js';
import { abandonSpawn } from './handlers/spawn.js';
import { fieldsOf, type Log } from './log.js';
import type { Metrics } from './metrics.js';
import type { Cordon, Driver, StepListener, Tombstones } from './ports.js';
import { ProgressReports, type TellProgress } from './progress.js';
import { doneAnswer, failedAnswer, type Answer } from './result.js';
import { GivenBack, type Turn } from './turn.js';

export interface AttemptsOptions {
  readonly host: string;
  readonly driver: Driver;
  readonly tombstones: Tombstones;
  readonly cordon: Cordon;
  readonly tellProgress: TellProgress;
  /** For tests: awaited wherever the worker may die. */
  readonly checkpoint?: Checkpoint | undefined;
  readonly metrics: Metrics;
  readonly log: Log;
}

/** What a command came to: an answer, and why the message is kept, if it is. */
export interface Outcome {
  readonly answer: Answer;
  readonly keep?: Cause;
}

/** What is known of a command before it is begun. */
export interface Before {
  /** How often it was begun without coming to its end. */
  readonly undone: number;
  /** The broker has handed its message out before. */
  readonly redelivered: boolean;
  /** What has to be so before it is begun for the first time. */
  readonly admit?: Delivery['admit'];
}

/** A command that was begun so often and never came to its end is answered as a failure: the worker may die over it. */
export const DELIVERY_LIMIT = 10;
/** From here on not even its remains are looked for: that, too, may be what the worker dies of. */
const TOUCH_LIMIT = 15;
/** How long a spawn that is not begun any more may look for what is left of it. */
const ABANDON_MS = 15_000;
/** The same, when it was answered before. */
const TAKE_AWAY_MS = 4 * 60_000;
const AGAIN = { firstMs: 200, maxMs: 5000 };

interface Instead {
  readonly reason: 'internal' | 'delivery-limit';
  unseen(trouble: ComputeError): ComputeError;
}

/** Runs handlers until there is an answer, whatever that is. */
export class Attempts {
  constructor(private readonly options: AttemptsOptions) {}

  /** @throws GivenBack, with nothing begun or after a failure that may pass, when the worker stops */
  async run(turn: Turn, { undone, redelivered, admit }: Before): Promise<Outcome> {
    const { command } = turn;
    const touch = undone < TOUCH_LIMIT;
    try {
      turn.wanted.throwIfAborted();
      if (undone >= DELIVERY_LIMIT)
        return await this.#instead(turn, touch, (remains) => tooOften(undone, remains), { reason: 'delivery-limit' });
      if (command.deadline <= Date.now())
        return await this.#instead(turn, true, (remains) => expired(command.deadline, { ...remains, hasCalledOff: turn.hasCalledOff }));
      return { answer: doneAnswer(command, this.options.host, await this.#inTime(turn, undone === 0 ? admit : undefined)) };
    } catch (thrown) {
      if (thrown instanceof GivenBack) throw thrown;
      const error = asComputeError(thrown);
      // What a try of this life has made it has taken away itself, or names it; but the last one may not have come to look at what those before it left.
      const mayBeThere = redelivered || (turn.hasLeft && !error.details.leftovers) || error === turn.wanted.reason;
      const isToSee = command.type === 'instance.destroy' ? mayPass(error) && this.#isHalfGone(command) : mayBeThere;
      if (!isToSee) return this.failed(command, error);
      return this.#instead(turn, touch, (remains) => withRemains(error, remains), { unseen: (trouble) => mayHaveLeft(error, trouble) });
    }
  }

  /** The answer to a command that has none when its deadline comes. */
  overdue({ command, wanted }: Turn): Outcome {
    return this.failed(command, wanted.aborted ? asComputeError(wanted.reason) : overdue(command));
  }

  /** The answer to a command that is not begun before its deadline, and of which nothing is there. */
  expired({ command, hasCalledOff }: Turn): Outcome {
    return this.failed(command, expired(command.deadline, { hasCalledOff }));
  }

  /**
   * Takes away what a spawn has left, or a destroy, that is answered already: nobody waits for it, and so it has its time.
   * @throws GivenBack when the worker stops before
   */
  async takeAway(turn: Turn): Promise<void> {
    const { command } = turn;
    const { log } = this.options;
    const until = Date.now() + TAKE_AWAY_MS;
    if (this.#isHalfGone(command)) {
      await this.#finish(turn, command, until).catch((trouble: unknown) => {
        if (trouble instanceof GivenBack) throw trouble;
        log.warn({ ...fieldsOf(command), error: bounded(asComputeError(trouble).message) }, 'a late destroy could not come to its end');
      });
      return;
    }
    if (!makesInstance(command)) return;
    for (let attempt = 1; ; attempt++) {
      try {
        const { cleanedUp, leftovers, instance } = await abandonSpawn(command, Date.now() + ABANDON_MS, this.#context(turn));
        const stands = { ...fieldsOf(command), powerState: instance?.powerState };
        if (instance) log.warn(stands, 'spawn had come to its end when its deadline came; its instance stays');
        else if (leftovers.length === 0)
          log.info({ ...fieldsOf(command), count: cleanedUp.length }, 'what a late spawn had left is taken away');
        if (leftovers.length === 0) return;
      } catch (thrown) {
        if (!mayPass(asComputeError(thrown))) return; // destroyed, or none of its business
      }
      const delay = backOffMs(AGAIN, attempt);
      if (Date.now() + delay >= until) return log.warn(fieldsOf(command), 'what a late spawn had left could not be taken away');
      await turn.pauseInAnyCase(delay);
    }
  }

  /** An answer that says why it failed; kept for a person when nobody knows. */
  failed(command: Command, error: ComputeError, reason: 'internal' | 'delivery-limit' = 'internal'): Outcome {
    const answer = failedAnswer(command, this.options.host, error);
    if (error.kind === 'internal')
      this.options.log.error({ ...fieldsOf(command), error: bounded(error.stack, 2000) }, 'command failed for no reason that we know');
    if (DISPOSITION[error.kind] !== 'settle-and-keep') return { answer };
    return { answer, keep: { reason, kind: error.kind, message: error.message } };
  }

  #inTime(turn: Turn, admit: Delivery['admit']): Promise<Done> {
    const { command } = turn;
    const reports = new ProgressReports(command, this.options.host, this.options.tellProgress);
    const context = this.#context(turn, reports);
    const pause = (ms: number) => turn.pause(ms);
    let admitted = admit === undefined;
    const run = async (): Promise<Done> => {
      if (!admitted) admit?.(await this.options.driver.find(instanceIdOf(command) ?? '', command.deadline));
      admitted = true;
      return handle(command, context);
    };
    return this.#again(turn, command.deadline, run, pause).finally(() => reports.end());
  }

  /**
   * In place of a command that is not begun any more, or that has failed for good. A spawn may have been cut off and have left something, which
   * nobody would ever miss; or it had come to its end, and that is the answer. A destroy that was begun is brought to its end. That it was called
   * off hinders none of this.
   * @param unseen the failure when nobody could see what is left
   */
  async #instead(
    turn: Turn,
    cleanUp: boolean,
    error: (remains?: Remains) => ComputeError,
    { reason = 'internal', unseen = (trouble) => trouble }: Partial<Instead> = {},
  ): Promise<Outcome> {
    const { command } = turn;
    const isHalfGone = this.#isHalfGone(command);
    if (!cleanUp || (!makesInstance(command) && !isHalfGone)) return this.failed(command, error(), reason);
    const until = Date.now() + ABANDON_MS;
    const context = this.#context(turn);
    const pause = (ms: number) => turn.pauseInAnyCase(ms);
    try {
      if (isHalfGone) return { answer: doneAnswer(command, this.options.host, await this.#finish(turn, command, until)) };
      const { instance, ...remains } = await this.#again(turn, until, () => abandonSpawn(command, until, context), pause);
      return instance ? { answer: doneAnswer(command, this.options.host, { instance }) } : this.failed(command, error(remains), reason);
    } catch (trouble) {
      if (trouble instanceof GivenBack) throw trouble;
      return this.failed(command, isHalfGone ? halfGone(error()) : unseen(asComputeError(trouble)), reason);
    }
  }

  /** A destroy that was begun: it has buried its instance, and left perhaps half of it, which is of use to nobody. */
  #isHalfGone(command: Command): command is CommandOf<'instance.destroy'> {
    return command.type === 'instance.destroy' && generationBuriedBy(command, this.options.tombstones) !== null;
  }

  /** Whether anybody waits for it any more or not. @throws GivenBack, ComputeError */
  #finish(turn: Turn, command: CommandOf<'instance.destroy'>, until: number): Promise<Done> {
    const destroy = () => handle({ ...command, deadline: Math.min(until, Date.now() + ABANDON_MS) }, this.#context(turn));
    return this.#again(turn, until, destroy, (ms) => turn.pauseInAnyCase(ms));
  }

  /** Tries again what may pass, until `until`. @throws ComputeError, or what `pause` throws */
  async #again<T>(turn: Turn, until: number, run: () => Promise<T>, pause: (ms: number) => Promise<void>): Promise<T> {
    const { metrics, log } = this.options;
    const { command } = turn;
    metrics.inFlight.inc({ command: command.type });
    try {
      for (let attempt = 1; ; attempt++) {
        try {
          return await run();
        } catch (thrown) {
          const error = asComputeError(thrown);
          if (error.details.leftovers) turn.hasLeft = true;
          const delay = backOffMs(AGAIN, attempt);
          if (DISPOSITION[error.kind] !== 'again' || Date.now() + delay >= until) throw error;
          metrics.retries.inc({ command: command.type, reason: error.kind });
          log.warn({ ...fieldsOf(command), kind: error.kind, error: bounded(error.message), attempt }, 'command tried again');
          await pause(delay);
        }
      }
    } finally {
      metrics.inFlight.dec({ command: command.type });
    }
  }

  #context({ command, queue, wanted, overtaken, isSpawning }: Turn, reports?: ProgressReports): CommandContext {
    const { driver, tombstones, cordon, metrics, checkpoint } = this.options;
    const onStep: StepListener = (step, seconds) => metrics.stepDuration.observe({ command: command.type, step }, seconds);
    return { driver, tombstones, cordon, queue, onStep, checkpoint, signal: wanted, overtaken, isSpawning, onProgress: reports?.listener };
  }
}

const mayPass = ({ kind }: ComputeError): boolean => kind === 'timeout' || DISPOSITION[kind] === 'again';

function tooOften(count: number, remains?: Remains): ComputeError {
  const { details, end } = remainsOf(remains);
  const words = `the message came back undone ${count} times; the worker may die over it`;
  return new ComputeError('internal', end === '' ? words : `${words}; ${end}`, details);
}
