import { setTimeout as delay } from 'node:timers/promises';
import { connect, type ChannelModel, type ConfirmChannel, type ConsumeMessage, type Options } from 'amqplib';
import type { CommandResult } from '../../services/common/messages/results.js';

export interface Letter {
  readonly correlationId: string;
  readonly result: CommandResult;
}

export interface Posted {
  readonly routingKey: string;
  readonly content: Buffer;
  readonly properties: Options.Publish;
}

const REPLIES = 'chaos.replies';
const EVENTS = 'chaos.events';
const DEAD = 'chaos.dead';

/**
 * A client that outlives its broker: what it has published is with the broker when `post` resolves, and what the worker answered waits in
 * queues of its own that survive whatever happens. So an answer that is missing was never given.
 */
export class Mailbox {
  readonly replyTo = REPLIES;
  #channel: ConfirmChannel | null = null;
  #connection: ChannelModel | null = null;
  #closed = false;
  readonly #running: Promise<void>;
  #hears: Hears = { reply: () => {}, event: () => {}, deadLetter: () => {} };

  constructor(private readonly url: string) {
    this.#running = this.#run();
  }

  /** Whoever is there now is told of what comes. */
  hear(hears: Hears): void {
    this.#hears = hears;
  }

  /** Published again until the broker confirms: it may arrive twice. */
  async post({ routingKey, content, properties }: Posted): Promise<void> {
    while (!this.#closed) {
      const channel = this.#channel;
      if (!channel) {
        await delay(50);
        continue;
      }
      let gone = (): void => {};
      const confirmed = await new Promise<boolean>((resolve) => {
        gone = () => resolve(false);
        channel.once('close', gone);
        try {
          channel.publish('novalet.commands', routingKey, content, properties, (error) => resolve(!error));
        } catch {
          resolve(false);
        }
      });
      channel.off('close', gone);
      if (confirmed) return;
      if (this.#channel === channel) this.#channel = null;
      await this.#connection?.close().catch(() => {});
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#connection?.close().catch(() => {});
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      try {
        await this.#live();
      } catch {
        await delay(200);
      }
      this.#channel = null;
    }
  }

  async #live(): Promise<void> {
    const connection = await connect(this.url, { timeout: 5000 });
    this.#connection = connection;
    const over = new Promise<void>((resolve) => connection.once('close', () => resolve()));
    connection.on('error', () => {});
    if (this.#closed) return void (await connection.close());
    const channel = await connection.createConfirmChannel();
    channel.on('error', () => {});
    channel.setMaxListeners(0);
    for (const queue of [REPLIES, EVENTS, DEAD])
      await channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
    for (const exchange of ['novalet.commands', 'novalet.events', 'novalet.dead'])
      await channel.assertExchange(exchange, 'topic', { durable: true });
    await channel.bindQueue(EVENTS, 'novalet.events', '#');
    await channel.bindQueue(DEAD, 'novalet.dead', '#');
    const heard = (queue: string, tell: (message: ConsumeMessage) => void) =>
      channel.consume(queue, (message) => {
        if (!message) return;
        tell(message);
        channel.ack(message);
      });
    await heard(REPLIES, (message) => this.#hears.reply(letter(message)));
    await heard(EVENTS, (message) => this.#hears.event(letter(message)));
    await heard(DEAD, ({ properties }) => this.#hears.deadLetter(String(properties.correlationId), reasonOf(properties.headers)));
    this.#channel = channel;
    await over;
  }
}

export interface Hears {
  reply(letter: Letter): void;
  event(letter: Letter): void;
  deadLetter(correlationId: string, reason: string): void;
}

function letter({ content, properties }: ConsumeMessage): Letter {
  return { correlationId: String(properties.correlationId), result: JSON.parse(content.toString()) as CommandResult };
}

const reasonOf = (headers: Record<string, unknown> | undefined): string => String(headers?.['x-novalet-reason']);
