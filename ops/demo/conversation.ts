import { connect, type ChannelModel, type ConfirmChannel, type ConsumeMessage } from 'amqplib';
import { randomUUID } from 'node:crypto';
import { COMMANDS_EXCHANGE, EVENTS_EXCHANGE, routingKey } from '../../services/compute/amqp/names.js';
import type { CommandType } from '../../services/common/messages/commands.js';
import { MESSAGE_VERSION } from '../../services/common/messages/commands.js';
import { CommandResult } from '../../services/common/messages/results.js';
import { eventWords } from './event-words.js';

/** A program on the other side of the broker: sends a command to one worker, and hears events and the reply. */
export class Conversation implements AsyncDisposable {
  readonly #replies = new Map<string, (result: CommandResult) => void>();

  private constructor(
    private readonly connection: ChannelModel,
    private readonly channel: ConfirmChannel,
    private readonly replyQueue: string,
    private readonly host: string,
  ) {}

  /** @param onEvent told of every event that any worker publishes, by its routing key, with what it says in short */
  static async open(url: string, host: string, onEvent: (routingKey: string, words: string) => void): Promise<Conversation> {
    const connection = await connect(url);
    const channel = await connection.createConfirmChannel();
    const { queue: replyQueue } = await channel.assertQueue('', { exclusive: true });
    const { queue: eventQueue } = await channel.assertQueue('', { exclusive: true });
    await channel.bindQueue(eventQueue, EVENTS_EXCHANGE, '#');
    const self = new Conversation(connection, channel, replyQueue, host);
    const listen = (queue: string, hear: (message: ConsumeMessage) => void): Promise<unknown> =>
      channel.consume(queue, (message) => message && hear(message), { noAck: true });
    await listen(eventQueue, (message) => onEvent(message.fields.routingKey, eventWords(message.properties.type, json(message))));
    await listen(replyQueue, (message) =>
      self.#replies.get(String(message.properties.correlationId))?.(CommandResult.parse(json(message))),
    );
    return self;
  }

  /** Sends a command; gives the reply that says how it ended. */
  async command(type: CommandType, body: object, timeoutMs: number): Promise<CommandResult> {
    const messageId = randomUUID();
    let timer: NodeJS.Timeout | undefined;
    const reply = new Promise<CommandResult>((resolve, reject) => {
      this.#replies.set(messageId, resolve);
      timer = setTimeout(() => reject(new Error(`no reply to ${type} within ${timeoutMs / 1000} s`)), timeoutMs);
    });
    try {
      this.channel.publish(COMMANDS_EXCHANGE, routingKey(this.host, 'work'), Buffer.from(JSON.stringify(body)), {
        type,
        messageId,
        replyTo: this.replyQueue,
        contentType: 'application/json',
        headers: { version: MESSAGE_VERSION },
        persistent: true,
        mandatory: true,
      });
      return (await Promise.all([reply, this.channel.waitForConfirms()]))[0];
    } finally {
      clearTimeout(timer);
      this.#replies.delete(messageId);
    }
  }

  /** Messages that wait in the queue at this moment. The management interface would tell what it counted seconds ago. */
  async waitingIn(queue: string): Promise<number> {
    return (await this.channel.checkQueue(queue)).messageCount;
  }

  async close(): Promise<void> {
    await this.connection.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

const json = (message: ConsumeMessage): unknown => JSON.parse(message.content.toString('utf8'));
