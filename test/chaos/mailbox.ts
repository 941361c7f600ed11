import { setTimeout as delay } from 'node:timers/promises';
import { connect, type ChannelModel, type ConfirmChannel, type ConsumeMessage, type Options } from 'amqplib';
import type { CommandResult } from '../../services/common/messages/results.js';
import { offWire } from '../support/oslo-client.js';

export interface Letter {
  readonly correlationId: string;
  readonly result: CommandResult;
}

/** The end of a call by oslo.messaging. */
export interface OsloLetter {
  readonly callId: string;
  /** The exception's class; null: it was done. */
  readonly failure: string | null;
}

export interface Posted {
  readonly exchange: string;
  readonly routingKey: string;
  readonly content: Buffer;
  readonly properties: Options.Publish;
}

const REPLIES = 'chaos.replies';
const EVENTS = 'chaos.events';
const DEAD = 'chaos.dead';
const OSLO_REPLIES = 'chaos.oslo.replies';
export const OSLO_EXCHANGE = 'nova';

/**
 * A client that outlives its broker: what it has published is with the broker when `post` resolves, and what the worker answered waits in
 * queues of its own that survive whatever happens. So an answer that is missing was never given.
 */
export class Mailbox {
  readonly replyTo = REPLIES;
  readonly osloReplyTo = OSLO_REPLIES;
  #channel: ConfirmChannel | null = null;
  #connection: ChannelModel | null = null;
  #closed = false;
  readonly #running: Promise<void>;
  #hears: Hears = { reply: () => {}, osloReply: () => {}, event: () => {}, deadLetter: () => {} };

  constructor(
    private readonly url: string,
    private readonly host: string,
  ) {
    this.#running = this.#run();
  }

  /** Whoever is there now is told of what comes. */
  hear(hears: Hears): void {
    this.#hears = hears;
  }

  /** Published again until the broker confirms: it may arrive as often as this says. */
  async post({ exchange, routingKey, content, properties }: Posted): Promise<number> {
    let times = 0;
    while (!this.#closed) {
      const channel = this.#channel;
      if (!channel) {
        await delay(50);
        continue;
      }
      times += 1;
      let gone = (): void => {};
      const confirmed = await new Promise<boolean>((resolve) => {
        gone = () => resolve(false);
        channel.once('close', gone);
        try {
          channel.publish(exchange, routingKey, content, properties, (error) => resolve(!error));
        } catch {
          resolve(false);
        }
      });
      channel.off('close', gone);
      if (confirmed) return times;
      if (this.#channel === channel) this.#channel = null;
      await this.#connection?.close().catch(() => {});
    }
    return 0;
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
    const requests = `compute.${this.host}`;
    for (const queue of [REPLIES, OSLO_REPLIES, EVENTS, DEAD, requests])
      await channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
    for (const exchange of ['novalet.commands', 'novalet.events', 'novalet.dead', OSLO_EXCHANGE])
      await channel.assertExchange(exchange, 'topic', { durable: true });
    await channel.bindQueue(requests, OSLO_EXCHANGE, requests);
    await channel.bindQueue(EVENTS, 'novalet.events', '#');
    await channel.bindQueue(DEAD, 'novalet.dead', '#');
    const heard = (queue: string, tell: (message: ConsumeMessage) => void) =>
      channel.consume(queue, (message) => {
        if (!message) return;
        tell(message);
        channel.ack(message);
      });
    await heard(REPLIES, (message) => this.#hears.reply(letter(message)));
    await heard(OSLO_REPLIES, (message) => {
      const reply = osloLetter(message);
      if (reply) this.#hears.osloReply(reply);
    });
    await heard(EVENTS, (message) => this.#hears.event(letter(message)));
    await heard(DEAD, ({ properties }) => this.#hears.deadLetter(String(properties.correlationId), reasonOf(properties.headers)));
    this.#channel = channel;
    await over;
  }
}

export interface Hears {
  reply(letter: Letter): void;
  osloReply(letter: OsloLetter): void;
  event(letter: Letter): void;
  deadLetter(correlationId: string, reason: string): void;
}

function letter({ content, properties }: ConsumeMessage): Letter {
  return { correlationId: String(properties.correlationId), result: JSON.parse(content.toString()) as CommandResult };
}

/** Null: a sign of life. */
function osloLetter({ content }: ConsumeMessage): OsloLetter | null {
  const reply = offWire(content) as { _msg_id: string; failure: string | null; ending: boolean };
  if (!reply.ending) return null;
  const failure = reply.failure === null ? null : (JSON.parse(reply.failure) as { class: string }).class;
  return { callId: reply._msg_id, failure };
}

const reasonOf = (headers: Record<string, unknown> | undefined): string => String(headers?.['x-novalet-reason']);
