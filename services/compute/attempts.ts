import { asComputeError, ComputeError } from '../common/errors.js';
import type { Command } from '../common/messages/commands.js';
import { backOffMs } from './back-off.js';
import { bounded } from './bounded.js';
import type { Cause } from './dead-letter.js';
import type { Delivery } from './delivery.js';
import { DISPOSITION } from './disposition.js';
import { expired, remainsOf } from './expired.js';
import { handle, type Done } from './handlers/handlers.js';
import type { CommandContext } from './handlers/lane-context.js';
import { abandonSpawn } from './handlers/spawn.js';
import { fieldsOf, type Log } from './log.js';
import type { Metrics } from './metrics.js';
import type { Cordon, Driver, StepListener, Tombstones } from './ports.js';
import { ProgressReports, type TellProgress } from './progress.js';
import { doneAnswer, failedAnswer, type Answer } from './result.js';
import type { Turn } from './turn.js';

export interface AttemptsOptions {
  readonly host: string;
  readonly driver: Driver;
  readonly tombstones: Tombstones;
  readonly cordon: Cordon;
  readonly tellProgress: TellProgress;
  readonly metrics: Metrics;
  readonly log: Log;
}

/** What a command came to: an answer, and why the message is kept, if it is. */
export interface Outcome {
  readonly answer: Answer;
  readonly keep?: Cause;
}

/** A message that came back undone so often is answered as a failure. Below the broker's own limit, past which nobody would be answered. */
export const DELIVERY_LIMIT = 10;
/** From here on not even its remains are looked for: that, too, may be what the worker dies of. */
const TOUCH_LIMIT = 15;
/** How long a spawn that is not begun any more may look for what is left of it. */
const ABANDON_MS = 15_000;
const AGAIN = { firstMs: 200, maxMs: 5000 };

/** Runs handlers until there is an answer, whatever that is. */
export class Attempts {
  constructor(private readonly options: AttemptsOptions) {}

  /** @throws GivenBack, with nothing begun or after a failure that may pass, when the worker stops */
  async run(turn: Turn, { deliveryCount }: Pick<Delivery, 'deliveryCount'>): Promise<Outcome> {
    const { command } = turn;
    if (turn.wanted.aborted) return this.failed(command, asComputeError(turn.wanted.reason));
    if (deliveryCount >= DELIVERY_LIMIT) return this.#tooOften(turn, deliveryCount);
    if (command.deadline > Date.now()) return this.#inTime(turn);
    return this.#instead(turn, true, (remains) => expired(command.deadline, remains));
  }

  /** An answer that says why it failed; kept for a person when nobody knows. */
  failed(command: Command, error: ComputeError, reason: 'internal' | 'delivery-limit' = 'internal'): Outcome {
    const answer = failedAnswer(command, this.options.host, error);
    if (error.kind === 'internal')
      this.options.log.error({ ...fieldsOf(command), error: bounded(error.stack, 2000) }, 'command failed for no reason that we know');
    if (DISPOSITION[error.kind] !== 'settle-and-keep') return { answer };
    return { answer, keep: { reason, kind: error.kind, message: error.message } };
  }

  #inTime(turn: Turn): Promise<Outcome> {
    const { command } = turn;
    const reports = new ProgressReports(command, this.options.host, this.options.tellProgress);
    const context = this.#context(turn, reports);
    return this.#tried(turn, command.deadline, () => handle(command, context)).finally(() => reports.end());
  }

  async #tooOften(turn: Turn, count: number): Promise<Outcome> {
    return this.#instead(turn, count < TOUCH_LIMIT, (remains) => tooOften(count, remains), 'delivery-limit');
  }

  /**
   * In place of a command that is not begun any more. A spawn may have been cut off and have left something, which nobody would ever miss; or
   * it had come to its end, and that is the answer.
   */
  async #instead(
    turn: Turn,
    cleanUp: boolean,
    error: (remains?: Parameters<typeof expired>[1]) => ComputeError,
    reason: 'internal' | 'delivery-limit' = 'internal',
  ): Promise<Outcome> {
    const { command } = turn;
    if (command.type !== 'instance.spawn' || !cleanUp) return this.failed(command, error(), reason);
    const until = Date.now() + ABANDON_MS;
    const context = this.#context(turn);
    return this.#tried(
      turn,
      until,
      async () => {
        const { instance, ...remains } = await abandonSpawn(command, until, context);
        if (instance) return { instance };
        throw error(remains);
      },
      reason,
    );
  }

  /** Tries again what may pass, until `until`. */
  async #tried(turn: Turn, until: number, run: () => Promise<Done>, reason: 'internal' | 'delivery-limit' = 'internal'): Promise<Outcome> {
    const { command } = turn;
    const { host, metrics, log } = this.options;
    metrics.inFlight.inc({ command: command.type });
    try {
      for (let attempt = 1; ; attempt++) {
        try {
          return { answer: doneAnswer(command, host, await run()) };
        } catch (thrown) {
          const error = asComputeError(thrown);
          const delay = backOffMs(AGAIN, attempt);
          if (DISPOSITION[error.kind] !== 'again' || Date.now() + delay >= until) return this.failed(command, error, reason);
          metrics.retries.inc({ command: command.type, reason: error.kind });
          log.warn({ ...fieldsOf(command), kind: error.kind, error: bounded(error.message), attempt }, 'command tried again');
          await turn.pause(delay);
        }
      }
    } finally {
      metrics.inFlight.dec({ command: command.type });
    }
  }

  #context({ command, queue, wanted, overtaken }: Turn, reports?: ProgressReports): CommandContext {
    const { driver, tombstones, cordon, metrics } = this.options;
    const onStep: StepListener = (step, seconds) => metrics.stepDuration.observe({ command: command.type, step }, seconds);
    return { driver, tombstones, cordon, queue, onStep, signal: wanted, overtaken, onProgress: reports?.listener };
  }
}

function tooOften(count: number, remains?: Parameters<typeof expired>[1]): ComputeError {
  const { details, end } = remainsOf(remains);
  const words = `the message came back undone ${count} times; the worker may die over it. It is kept on the dead-letter queue`;
  return new ComputeError('internal', end === '' ? words : `${words}; ${end}`, details);
}
