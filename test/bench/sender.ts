import { randomUUID } from 'node:crypto';
import { connect, type ChannelModel, type ConfirmChannel, type ConsumeMessage } from 'amqplib';
import type { DestroyBody, SpawnBody } from '../../services/common/messages/commands.js';
import type { CommandResult } from '../../services/common/messages/results.js';
import { monotonicMs } from './observer.js';

const BODY_TYPE = 'application/json';

/** Sends commands to a worker as any client would: persistent, confirmed, with a queue for the answers. */
export class Sender {
  readonly #waiting = new Map<string, (result: CommandResult) => void>();

  private constructor(
    private readonly connection: ChannelModel,
    private readonly channel: ConfirmChannel,
    private readonly replyTo: string,
    private readonly host: string,
  ) {}

  static async open(url: string, host: string): Promise<Sender> {
    const connection = await connect(url, { noDelay: true });
    connection.on('error', () => undefined); // whoever waits for an answer hears of it by the channel's end
    const channel = await connection.createConfirmChannel();
    const { queue } = await channel.assertQueue('', { exclusive: true });
    const sender = new Sender(connection, channel, queue, host);
    await channel.consume(queue, (message) => sender.#hear(message), { noAck: true });
    return sender;
  }

  /** Publishes a spawn; `sentAtMs` is the moment before, `done` the worker's answer. */
  spawn(body: SpawnBody): Sent {
    return this.#send('instance.spawn', body);
  }

  /** Any other command, by the control queue. */
  command(type: string, body: object): Sent {
    return this.#send(type, body, 'control');
  }

  async destroy(ids: readonly string[]): Promise<void> {
    await Promise.all(ids.map((id) => this.#send('instance.destroy', { instance: { id } } satisfies DestroyBody).done));
  }

  async close(): Promise<void> {
    await this.connection.close();
  }

  #send(type: string, body: object, queue: 'work' | 'control' = 'work'): Sent {
    const messageId = randomUUID();
    const done = new Promise<CommandResult>((resolve, reject) => {
      this.#waiting.set(messageId, (result) => {
        if (result.outcome === 'done') resolve(result);
        else reject(new Error(`${type} failed: ${result.error?.kind}: ${result.error?.message}`));
      });
    });
    const properties = { type, messageId, replyTo: this.replyTo, contentType: BODY_TYPE, headers: { version: 1 }, persistent: true };
    const sentAtMs = monotonicMs();
    this.channel.publish('novalet.commands', `compute.${this.host}.${queue}`, Buffer.from(JSON.stringify(body)), properties);
    return { messageId, sentAtMs, done };
  }

  #hear(message: ConsumeMessage | null): void {
    if (!message) return;
    const result = JSON.parse(message.content.toString()) as CommandResult;
    this.#waiting.get(result.messageId)?.(result);
    this.#waiting.delete(result.messageId);
  }
}

export interface Sent {
  readonly messageId: string;
  readonly sentAtMs: number;
  readonly done: Promise<CommandResult>;
}
