import { setTimeout as sleep } from 'node:timers/promises';
import { asComputeError } from '../../common/errors.js';
import { backOffMs } from '../back-off.js';
import { bounded } from '../bounded.js';
import type { Log } from '../log.js';
import type { Outgoing, Publish } from '../outgoing.js';
import { Publisher, type PublisherObserver } from './publisher.js';
import { Session, type SessionOptions, type Wanted } from './session.js';

export interface BrokerOptions extends Omit<SessionOptions, 'onBlocked' | 'signal'> {
  readonly observer: BrokerObserver;
  readonly log: Log;
}

/** What the broker connection tells of itself, for metrics. */
export interface BrokerObserver extends PublisherObserver {
  connected(up: boolean): void;
  blocked(blocked: boolean): void;
}

const NOTHING: Wanted = {};
const RECONNECT = { firstMs: 200, maxMs: 5000 };

/**
 * The worker's place at RabbitMQ: one session after another, each with topology, consumers and whatever is not confirmed yet. What a broken
 * session held, the broker delivers again. (amqplib's own recovery waits for ever when a peer hangs up in the middle of a close.)
 */
export class Broker {
  readonly #options: BrokerOptions;
  readonly #publisher: Publisher;
  readonly #closing = new AbortController();
  readonly #running: Promise<void>;
  #opened!: { resolve: () => void; reject: (error: Error) => void };
  #session: Session | null = null;
  /** A session that opens consumes before it is there. Resolves when it does what it was told meanwhile. */
  #opening: Promise<void> = Promise.resolve();
  #consuming = true;
  #wanted: Wanted;
  /** The broker's reason for taking no messages. */
  #blocked: string | null = null;

  /** Resolves when the first session consumes. @throws ComputeError precondition: the broker has other things under our names */
  readonly opened: Promise<void>;

  /** Begins to connect, and goes on until closed. */
  constructor(options: BrokerOptions) {
    this.#options = options;
    this.#wanted = Object.fromEntries(options.place.queues.map((queue) => [queue, true]));
    this.#publisher = new Publisher(options.observer);
    this.opened = new Promise((resolve, reject) => (this.#opened = { resolve, reject }));
    this.opened.catch(() => {}); // whoever asks hears it
    this.#running = this.#run();
  }

  /** Connected, with a consumer on every queue that is wanted. */
  get consuming(): boolean {
    return this.#session !== null && this.#consuming;
  }

  /** Why no command can be taken and answered; null when it can. */
  get trouble(): string | null {
    if (!this.consuming) return 'not connected and consuming';
    return this.#blocked === null ? null : `takes no answers: ${this.#blocked}`;
  }

  readonly publish: Publish = (message) => this.#publisher.publish(message);

  /** Says it to whoever listens now; see Publisher.tell. */
  readonly tell = (message: Outgoing): void => this.#publisher.tell(message);

  /** Connected, and the broker takes what we say. */
  get takes(): boolean {
    return this.#session !== null && this.#blocked === null;
  }

  /**
   * Takes messages of these queues and no other, on this session and every later one, until told otherwise. Resolves when it is so, or the
   * session is over.
   */
  async consume(wanted: Wanted): Promise<void> {
    this.#wanted = wanted;
    await (this.#session ? this.#session.consume(this.#queues) : this.#opening);
  }

  get #queues(): Wanted {
    return this.#consuming ? this.#wanted : NOTHING;
  }

  /** Takes no more messages, on this session or a later one; those in hand can still be acknowledged. */
  async stopConsuming(): Promise<void> {
    this.#consuming = false;
    await this.#session?.consume(NOTHING);
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('the worker is stopping'));
    await this.#session?.leave();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { log } = this.#options;
    const { signal } = this.#closing;
    for (let attempt = 1; !signal.aborted; attempt++) {
      try {
        await this.#live(() => (attempt = 0));
      } catch (thrown) {
        if (signal.aborted) break;
        const error = asComputeError(thrown);
        log.warn({ error: bounded(error.message, 1000), attempt }, 'broker not reached');
        // Waiting does not mend it, and nothing is in hand yet. Later there may be, so then we wait.
        if (error.kind === 'precondition' && !this.#everOpened) return this.#opened.reject(error);
      }
      await sleep(backOffMs(RECONNECT, Math.max(attempt, 1)), undefined, { signal }).catch(() => {});
    }
    this.#opened.reject(new Error('the worker is stopping'));
  }

  #everOpened = false;

  /** One session from opening to end. */
  async #live(onOpen: () => void): Promise<void> {
    const { observer, log } = this.#options;
    const onBlocked = (reason: string | null): void => {
      this.#blocked = reason === null ? null : bounded(reason);
      observer.blocked(reason !== null);
      if (reason === null) log.info({}, 'broker takes messages again');
      else log.warn({ reason: bounded(reason) }, 'broker takes no messages');
    };
    let opened = (): void => {};
    this.#opening = new Promise((resolve) => (opened = resolve));
    let session: Session;
    try {
      const options = { ...this.#options, onBlocked, signal: this.#closing.signal };
      session = await Session.open(options, this.#publisher, () => this.#queues);
      if (this.#closing.signal.aborted) return await session.close();
      onOpen();
      this.#everOpened = true;
      this.#session = session;
      observer.connected(true);
      log.info({}, 'broker connected');
      this.#opened.resolve();
      await session.consume(this.#queues); // it may have been told while the session opened
    } finally {
      opened();
    }
    const { message } = await session.ended;
    this.#session = null;
    this.#blocked = null;
    observer.blocked(false);
    observer.connected(false);
    if (!this.#closing.signal.aborted) log.warn({ error: bounded(message, 1000) }, 'broker connection lost');
  }
}
