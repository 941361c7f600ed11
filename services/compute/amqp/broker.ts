import { connect, type ChannelModel, type RecoveringChannelModel } from 'amqplib';
import { backOffMs } from '../back-off.js';
import type { Delivery, QueueClass } from '../delivery.js';
import { QUEUE_CLASSES } from '../delivery.js';
import type { Log } from '../log.js';
import type { Publish } from '../outgoing.js';
import { openConsumer, type Consumer } from './consumer.js';
import { Publisher, type PublisherObserver } from './publisher.js';
import { declareTopology } from './topology.js';

export interface BrokerOptions {
  /** amqp: or amqps: with user, password and virtual host. */
  readonly url: string;
  readonly tls?: { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer };
  readonly host: string;
  readonly prefetch: Readonly<Record<QueueClass, number>>;
  readonly onDelivery: (delivery: Delivery) => void;
  readonly observer: BrokerObserver;
  readonly log: Log;
}

/** What the broker connection tells of itself, for metrics. */
export interface BrokerObserver extends PublisherObserver {
  connected(up: boolean): void;
  blocked(blocked: boolean): void;
}

const RECONNECT = { firstMs: 200, maxMs: 5000 };
const CONNECT_TIMEOUT_MS = 10_000;
/** A peer that is silent for twice as long is gone. */
const HEARTBEAT_SECONDS = 20;

/**
 * The worker's connection to RabbitMQ: one connection with a channel for each queue and one for publishing. It comes back by itself, with
 * topology, consumers and unconfirmed messages; whatever a broken channel held, the broker delivers again.
 */
export class Broker {
  readonly #publisher: Publisher;
  readonly #options: BrokerOptions;
  #recovering: RecoveringChannelModel | null = null;
  #connection: ChannelModel | null = null;
  #consumers: readonly Consumer[] = [];
  #closing = false;

  private constructor(options: BrokerOptions) {
    this.#options = options;
    this.#publisher = new Publisher(options.observer);
  }

  /**
   * Resolves when the first connection is open and consuming, however long that takes.
   * @throws ComputeError precondition when the broker has other things under our names: waiting does not mend it
   */
  static async open(options: BrokerOptions, signal: AbortSignal): Promise<Broker> {
    const broker = new Broker(options);
    await broker.#open(signal);
    return broker;
  }

  /** Connected, with both consumers. */
  get consuming(): boolean {
    return this.#connection !== null && this.#consumers.length > 0;
  }

  readonly publish: Publish = (message) => this.#publisher.publish(message);

  /** Takes no more messages; those in hand can still be acknowledged. */
  async stopConsuming(): Promise<void> {
    this.#closing = true;
    const consumers = this.#consumers;
    this.#consumers = [];
    await Promise.allSettled(consumers.map((consumer) => consumer.cancel()));
  }

  async close(): Promise<void> {
    this.#closing = true;
    await this.#recovering?.close();
  }

  async #open(signal: AbortSignal): Promise<void> {
    const { url, tls, host, log, observer } = this.#options;
    const recovering = await connect(withHeartbeat(url), {
      ...tls,
      noDelay: true,
      timeout: CONNECT_TIMEOUT_MS,
      clientProperties: { connection_name: `novalet compute ${host}` },
      recovery: {
        waitForConnect: false,
        setup: (connection: ChannelModel) => this.#setUp(connection),
        calculateDelay: (n) => backOffMs(RECONNECT, n),
      },
    });
    this.#recovering = recovering;
    const abort = (): void => void recovering.close();
    signal.addEventListener('abort', abort, { once: true });
    let openedOnce = false;
    let unmendable: Error | null = null;
    recovering.on('connect', () => {
      openedOnce = true;
      observer.connected(true);
      log.info({}, 'broker connected');
    });
    recovering.on('disconnect', (error) => {
      this.#connection = null;
      this.#consumers = [];
      observer.connected(false);
      if (!this.#closing) log.warn({ error: error.message }, 'broker connection lost');
    });
    recovering.on('connect-failed', (error) => {
      this.#connection = null;
      log.warn({ error: error.message }, 'broker not reached');
      if (openedOnce || (error as { kind?: unknown }).kind !== 'precondition') return;
      unmendable = error;
      void recovering.close();
    });
    // 'disconnect' follows and is what is acted on; without a listener the event would end the process.
    recovering.on('error', (error) => log.debug({ error: error.message }, 'broker connection error'));
    recovering.on('blocked', (reason) => {
      observer.blocked(true);
      log.warn({ reason }, 'broker takes no messages');
    });
    recovering.on('unblocked', () => {
      observer.blocked(false);
      log.info({}, 'broker takes messages again');
    });
    try {
      await recovering.waitForConnect();
    } catch (error) {
      throw unmendable ?? error;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  async #setUp(connection: ChannelModel): Promise<void> {
    const { host, prefetch, onDelivery, log, observer } = this.#options;
    observer.blocked(false);
    connection.on('error', (error) => log.debug({ error: error.message }, 'broker connection error'));
    const lost = (why: string): void => {
      if (this.#closing || this.#connection !== connection) return;
      log.warn({ reason: why }, 'broker channel lost');
      // A fresh connection is the one way back, whatever broke: it is the way that is tested.
      void connection.close().catch(() => {});
    };
    const topology = await connection.createChannel();
    topology.on('error', () => {}); // the declaration that failed says it, too
    await declareTopology(topology, host);
    await topology.close();

    const publishing = await connection.createConfirmChannel();
    let why = 'the channel closed';
    publishing.on('error', (error: Error) => (why = error.message));
    publishing.once('close', () => lost(`publishing: ${why}`));
    this.#publisher.attach(publishing);

    this.#connection = connection;
    if (this.#closing) return; // what is in hand is still answered, and nothing new is taken
    const open = (queue: QueueClass): Promise<Consumer> =>
      openConsumer(connection, { host, queue, prefetch: prefetch[queue], onDelivery, onLost: lost });
    this.#consumers = await Promise.all(QUEUE_CLASSES.map(open));
  }
}

function withHeartbeat(url: string): string {
  const parsed = new URL(url);
  if (!parsed.searchParams.has('heartbeat')) parsed.searchParams.set('heartbeat', String(HEARTBEAT_SECONDS));
  return parsed.href;
}
