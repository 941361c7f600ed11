import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type ChannelModel } from 'amqplib';
import { bounded } from '../bounded.js';
import type { Consumer } from './channel-consumer.js';
import type { Place } from './place.js';
import type { Publisher } from './publisher.js';

export interface SessionOptions {
  /** amqp: or amqps: with user, password and virtual host. */
  readonly url: string;
  readonly tls?: { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer };
  readonly place: Place;
  readonly onBlocked: (reason: string | null) => void;
  /** Told after each declaration that follows the first: null, or why it failed. */
  readonly onDeclared: (trouble: string | null) => void;
  /** From one declaration to the next, in milliseconds; somebody may have deleted something meanwhile. Default 10 s. */
  readonly declareEveryMs?: number | undefined;
  /** Aborted when nobody wants the session any more, also while it opens. */
  readonly signal: AbortSignal;
}

/** Which queues are to be consumed; one that is not named is not. */
export type Wanted = Readonly<Record<string, boolean>>;

const CONNECT_TIMEOUT_MS = 10_000;
/** A quorum queue that has lost its leader answers nothing, for ever. */
const SET_UP_TIMEOUT_MS = 20_000;
/** For each step of leaving: a broker that blocks publishers reads nothing, and so answers nothing. */
const CLOSE_TIMEOUT_MS = 3000;
const DECLARE_EVERY_MS = 10_000;
/** A peer that is silent for twice as long is gone. */
const HEARTBEAT_SECONDS = 20;

/**
 * One connection to the broker, from its opening to its end, with a channel for each queue and one for publishing. Any channel that breaks
 * ends the session: a fresh one is the one way back, and so the way that is tested.
 */
export class Session {
  /** Resolves, never rejects, with the reason when the session is over. */
  readonly ended: Promise<Error>;
  #end!: (reason: Error) => void;
  /** The first sign of the end, which says more than what follows from it. */
  #reason: Error | undefined;
  readonly #consumers = new Map<string, Consumer>();
  /** The last change of what is consumed; the next one waits for it. */
  #changing: Promise<void> = Promise.resolve();
  /** It left a step of leaving unanswered, and will leave the next ones so. */
  #silent = false;
  /** What the set-up waits for. */
  #step = 'open a channel';

  private constructor(private readonly connection: ChannelModel) {
    this.ended = new Promise((resolve) => (this.#end = resolve));
    connection.on('error', (error) => (this.#reason ??= error));
    connection.once('close', (error?: Error) => this.#end(this.#reason ?? error ?? new Error('closed')));
  }

  /**
   * Connects, declares, hands the publisher its channel, and consumes what is wanted by then.
   * @throws ComputeError precondition or busy (see the place's own); Error when the broker is not reached or goes away
   */
  static async open(options: SessionOptions, publisher: Publisher, wanted: () => Wanted): Promise<Session> {
    const session = new Session(await connected(options));
    try {
      const interrupted = session.ended.then((reason) => Promise.reject(reason));
      const setUp = Promise.race([session.#setUp(options, publisher, wanted), interrupted]);
      await within(SET_UP_TIMEOUT_MS, setUp, () => session.#step, options.signal);
      if (options.place.declaresAgain) session.#declareAgain(options);
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  /** Consumes these queues and no other; what is in hand of another can still be acknowledged. */
  async consume(wanted: Wanted): Promise<void> {
    const change = this.#changing.then(async () => {
      for (const [queue, consumer] of this.#consumers) await consumer.consume(wanted[queue] === true);
    });
    // A consumer that cannot begin ends the session, as it would have kept it from opening.
    this.#changing = change.catch((error: unknown) => this.#lost(error instanceof Error ? error.message : String(error)));
    await this.#answered([this.#changing]);
  }

  /** Ends in good order: acknowledgements first, then the rest. */
  async leave(): Promise<void> {
    if (!this.#silent) await this.#answered([...this.#consumers.values()].map((consumer) => consumer.leave()));
    await this.close();
  }

  /** Waits until the broker has answered, or is gone, or has had its time. */
  async #answered(questions: Promise<void>[]): Promise<void> {
    const waiting = new AbortController();
    const late = sleep(CLOSE_TIMEOUT_MS, 'late', waiting).catch(() => 'answered');
    const how = await Promise.race([Promise.allSettled(questions), this.ended, late]);
    waiting.abort();
    if (how === 'late') this.#silent = true;
  }

  /** Ends the connection, in the end without the broker's consent. */
  async close(): Promise<void> {
    // amqplib never calls back when the peer hangs up before its close-ok; the event comes in any case.
    void this.connection.close().catch(() => {});
    const timer = setTimeout(
      () => {
        (this.connection.connection as unknown as { stream?: Duplex }).stream?.destroy();
        this.#end(this.#reason ?? new Error('closed without an answer'));
      },
      this.#silent ? 0 : CLOSE_TIMEOUT_MS,
    );
    await this.ended;
    clearTimeout(timer);
  }

  /** A declaration that is refused costs its channel alone: what can still be consumed is consumed on. One at a time. */
  #declareAgain({ place, onDeclared, declareEveryMs = DECLARE_EVERY_MS, signal }: SessionOptions): void {
    const over = new AbortController();
    const wanted = AbortSignal.any([signal, over.signal]);
    let underWay = false;
    const timer = setInterval(() => {
      if (underWay || wanted.aborted) return;
      underWay = true;
      const declaring = within(SET_UP_TIMEOUT_MS, declare(this.connection, place), () => 'declare exchanges and queues', wanted);
      const declared = declaring.then(
        () => null,
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      );
      void declared.then((trouble) => {
        underWay = false;
        if (!wanted.aborted) onDeclared(trouble); // what the end cuts off is no trouble of the next session
      });
    }, declareEveryMs).unref();
    void this.ended.then((reason) => {
      clearInterval(timer);
      over.abort(reason);
    });
  }

  async #setUp({ place, onBlocked }: SessionOptions, publisher: Publisher, wanted: () => Wanted): Promise<void> {
    const { connection } = this;
    connection.on('blocked', onBlocked);
    connection.on('unblocked', () => onBlocked(null));
    const lost = (why: string): void => this.#lost(why);

    this.#step = 'declare exchanges and queues';
    await declare(connection, place);

    const publishing = await connection.createConfirmChannel();
    let why = 'the channel closed';
    publishing.on('error', (error: Error) => (why = error.message));
    publishing.once('close', () => lost(`publishing: ${why}`));
    publisher.attach(publishing);

    for (const queue of place.queues) {
      this.#step = `consume ${queue}`;
      const consumer = await place.open(connection, queue, lost);
      this.#consumers.set(queue, consumer);
      await consumer.consume(wanted()[queue] === true);
    }
  }

  #lost(why: string): void {
    this.#reason ??= new Error(why);
    void this.close();
  }
}

/** On a channel of its own, which a refusal closes. */
async function declare(connection: ChannelModel, place: Place): Promise<void> {
  const channel = await connection.createChannel();
  channel.on('error', () => {}); // the declaration that failed says it, too
  await place.declare(channel);
  await channel.close();
}

/** @throws Error when there is no connection within CONNECT_TIMEOUT_MS */
async function connected({ url, tls, place, signal }: SessionOptions): Promise<ChannelModel> {
  const connecting = connect(withHeartbeat(url), {
    ...tls,
    noDelay: true,
    timeout: CONNECT_TIMEOUT_MS,
    clientProperties: { connection_name: place.connectionName },
  });
  try {
    return await within(CONNECT_TIMEOUT_MS, connecting, () => 'connect', signal);
  } catch (error) {
    connecting.then(
      (connection) => connection.close().catch(() => {}),
      () => {},
    );
    throw refusedVhost(error)
      ? new Error(`the broker refuses the virtual host ${vhostOf(url)}: there is none of this name, or its user may not use it`, {
          cause: error,
        })
      : error;
  }
}

/** amqplib keeps the broker's own words for itself when it closes at this point of the handshake (the broker's log has them). */
function refusedVhost(error: unknown): boolean {
  return error instanceof Error && /^Expected ConnectionOpenOk; got <ConnectionClose/.test(error.message);
}

function vhostOf(url: string): string {
  const path = decodeURIComponent(new URL(url).pathname).slice(1);
  return bounded(JSON.stringify(path === '' ? '/' : path));
}

/** @throws Error that names the step, when `work` takes longer; the signal's reason when it is aborted */
async function within<T>(timeoutMs: number, work: Promise<T>, step: () => string, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${step()}: no answer within ${timeoutMs / 1000} s`)), timeoutMs);
    signal.addEventListener('abort', (onAbort = () => reject(signal.reason as Error)), { once: true });
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    if (onAbort) signal.removeEventListener('abort', onAbort);
  }
}

function withHeartbeat(url: string): string {
  const parsed = new URL(url);
  if (!parsed.searchParams.has('heartbeat')) parsed.searchParams.set('heartbeat', String(HEARTBEAT_SECONDS));
  return parsed.href;
}
