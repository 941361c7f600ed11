import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ComputeError } from '../common/errors.js';
import type { Command } from '../common/messages/commands.js';
import type { Outcome } from './attempts.js';
import type { QueueClass } from './delivery.js';

/** Why a command that waits is left to the broker: it is no answer, and nobody is told. */
export class GivenBack extends Error {
  override readonly name = 'GivenBack';
}

/** Why a command leaves its line: its deadline came before its turn. */
export class Expired extends Error {
  override readonly name = 'Expired';
  constructor(readonly outcome: Outcome) {
    super('the deadline came first');
  }
}

/** One command in hand, and the two ways to end its waiting: back to the broker, or called off for good. */
export class Turn {
  readonly #waiting = new AbortController();
  readonly #calledOff = new AbortController();
  /** The highest generation of the spawns that it has overtaken or called off. */
  overtaken: number | undefined;
  readonly since = performance.now();
  /** It has its lane: from here on something may be under way. */
  begun = false;
  /** Of a look: whether a spawn of its instance is in hand. */
  isSpawning: (() => boolean) | undefined;
  /** Of a destroy: the command that it has ended on its arrival. */
  hasCalledOff: string | undefined;
  /** It was answered when its deadline came, and is still under way. */
  answered = false;

  constructor(
    readonly command: Command,
    readonly queue: QueueClass,
    /** Of a destroy: it ends this generation and those before it. Absent: whatever is there, and whatever is on its way before it. */
    readonly ended?: number,
  ) {
    setMaxListeners(0, this.wanted); // every disk and step of a spawn listens
  }

  /** Aborted when it need not wait for its turn any more, nor for another try. */
  get waiting(): AbortSignal {
    return this.#waiting.signal;
  }

  /** Aborted when what it does is not wanted any more; the reason is its answer. */
  get wanted(): AbortSignal {
    return this.#calledOff.signal;
  }

  /** Nobody waits for it any more, or somebody is given it again. */
  get isOver(): boolean {
    return this.#waiting.signal.aborted || this.command.deadline <= Date.now();
  }

  /** Begins no more: what runs ends, what waits goes back. */
  giveBack(why: string): void {
    this.#waiting.abort(new GivenBack(why));
  }

  /** Waits no more, and is answered so. Nothing happens to what is begun. */
  expire(outcome: Outcome): void {
    if (!this.begun) this.#waiting.abort(new Expired(outcome));
  }

  callOff(reason: ComputeError): void {
    this.#calledOff.abort(reason);
    this.#waiting.abort(reason);
  }

  /** Waits before another try. @throws GivenBack, or the reason why it was called off */
  async pause(ms: number): Promise<void> {
    try {
      await sleep(ms, undefined, { signal: this.#waiting.signal });
    } catch {
      throw this.#waiting.signal.reason;
    }
  }

  /** Waits before another try at what has to be done also for a command that was called off. @throws GivenBack */
  async pauseInAnyCase(ms: number): Promise<void> {
    if (this.wanted.aborted) return sleep(ms);
    await this.pause(ms).catch((error: unknown) => {
      if (error !== this.wanted.reason) throw error;
    });
  }
}
