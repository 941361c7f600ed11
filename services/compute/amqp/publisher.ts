import { randomUUID } from 'node:crypto';
import type { ConfirmChannel, Message, Options } from 'amqplib';
import { backOffMs } from '../back-off.js';
import type { Outgoing, Published } from '../outgoing.js';

/** What the publisher tells of its work, for metrics. */
export interface PublisherObserver {
  confirmed(seconds: number): void;
  waiting(count: number): void;
}

interface Entry {
  readonly message: Outgoing;
  readonly settle: (outcome: Published) => void;
  since: number;
  attempts: number;
  returned: boolean;
}

const RETRY = { firstMs: 100, maxMs: 5000 };

/**
 * Publishes until the broker confirms. What is not confirmed when a connection ends is published again on the next one, so a message may
 * arrive twice; its message_id stays the same.
 */
export class Publisher {
  /** By message_id, in the order of publishing. */
  readonly #entries = new Map<string, Entry>();
  #channel: ConfirmChannel | null = null;
  /** The socket takes more, as far as `tell` knows. */
  #hasRoom = true;

  constructor(private readonly observer: PublisherObserver) {}

  /** Takes a channel into use, and publishes on it whatever is not confirmed. */
  attach(channel: ConfirmChannel): void {
    this.#channel = channel;
    this.#hasRoom = true;
    channel.on('drain', () => (this.#hasRoom = true));
    // A returned message comes back before its confirmation.
    channel.on('return', ({ properties }: Message) => {
      const entry = this.#entries.get(String(properties.messageId));
      if (entry) entry.returned = true;
    });
    channel.once('close', () => {
      if (this.#channel === channel) this.#channel = null;
    });
    for (const id of [...this.#entries.keys()]) this.#send(id);
  }

  publish(message: Outgoing): Promise<Published> {
    return new Promise((resolve) => {
      const id = message.messageId ?? randomUUID();
      // A dead letter keeps its sender's id, and two of one id may be on their way.
      const key = this.#entries.has(id) ? randomUUID() : id;
      this.#entries.set(key, { message, settle: resolve, since: performance.now(), attempts: 0, returned: false });
      this.observer.waiting(this.#entries.size);
      this.#send(key);
    });
  }

  /** Says it to whoever listens now: not kept, not confirmed, and left out when there is no channel or it is full. */
  tell({ exchange, routingKey, content, ...message }: Outgoing): void {
    const channel = this.#channel;
    if (!channel || !this.#hasRoom) return;
    try {
      this.#hasRoom = channel.publish(exchange, routingKey, content, {
        ...propertiesOf({ exchange, routingKey, content, ...message }, randomUUID()),
        persistent: false,
      });
    } catch (error) {
      if (!isClosed(error)) throw error;
    }
  }

  #send(id: string): void {
    const entry = this.#entries.get(id);
    const channel = this.#channel;
    if (!entry || !channel) return;
    entry.returned = false;
    entry.attempts += 1;
    const { exchange, routingKey, content } = entry.message;
    try {
      channel.publish(exchange, routingKey, content, propertiesOf(entry.message, id), (refused) => {
        if (this.#channel !== channel && refused) return; // the next channel sends it again
        if (refused) setTimeout(() => this.#send(id), backOffMs(RETRY, entry.attempts)).unref();
        else this.#settle(id, entry.returned ? 'returned' : 'confirmed');
      });
    } catch (error) {
      // A channel that has just closed throws, too; everything else is a value that AMQP cannot carry.
      if (!isClosed(error)) this.#settle(id, 'impossible');
    }
  }

  #settle(id: string, outcome: Published): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    this.#entries.delete(id);
    this.observer.confirmed((performance.now() - entry.since) / 1000);
    this.observer.waiting(this.#entries.size);
    entry.settle(outcome);
  }
}

function propertiesOf(message: Outgoing, id: string): Options.Publish {
  const { type, mandatory, contentType, contentEncoding, correlationId, replyTo, appId, timestamp, headers } = message;
  const given = { contentType, contentEncoding, correlationId, replyTo, appId, timestamp, headers };
  const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { ...present, type, mandatory, persistent: true, messageId: message.messageId ?? id };
}

function isClosed(error: unknown): boolean {
  return error instanceof Error && error.name === 'IllegalOperationError';
}
