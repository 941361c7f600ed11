import { connect, type ChannelModel, type ConfirmChannel, type ConsumeMessage } from 'amqplib';
import { randomUUID } from 'node:crypto';
import { COMMANDS_EXCHANGE, EVENTS_EXCHANGE, routingKey } from '../../services/compute/amqp/names.js';
import type { CommandType } from '../../services/common/messages/commands.js';
import { MESSAGE_VERSION } from '../../services/common/messages/commands.js';
import type { InstanceStateEvent } from '../../services/common/messages/instance-event.js';
import type { ProgressEvent } from '../../services/common/messages/progress.js';
import { CommandResult } from '../../services/common/messages/results.js';

/** What the demo reads of an event: how a command ended, how far it has come, or how an instance stands. */
export type WorkerEvent = Partial<Pick<CommandResult, 'outcome'> & Pick<ProgressEvent, 'phase'> & Pick<InstanceStateEvent, 'state'>>;

/** A program on the other side of the broker: sends a command to one worker, and hears events and the reply. */
export class Conversation implements AsyncDisposable {
  readonly #replies = new Map<string, (result: CommandResult) => void>();

  private constructor(
    private readonly connection: ChannelModel,
    private readonly channel: ConfirmChannel,
    private readonly replyQueue: string,
    private readonly host: string,
  ) {}

  /** @param onEvent told of every event that any worker publishes, by its routing key */
  static async open(url: string, host: string, onEvent: (routingKey: string, event: WorkerEvent) => void): Promise<Conversation> {
    const connection = await connect(url);
    const channel = await connection.createConfirmChannel();
    const { queue: replyQueue } = await channel.assertQueue('', { exclusive: true });
    const { queue: eventQueue } = await channel.assertQueue('', { exclusive: true });
    await channel.bindQueue(eventQueue, EVENTS_EXCHANGE, '#');
    const self = new Conversation(connection, channel, replyQueue, host);
    const listen = (queue: string, hear: (message: ConsumeMessage) => void): Promise<unknown> =>
      channel.consume(queue, (message) => message && hear(message), { noAck: true });
    await listen(eventQueue, (message) => onEvent(message.fields.routingKey, JSON.parse(message.content.toString('utf8')) as WorkerEvent));
    await listen(replyQueue, (message) => self.#replies.get(String(message.properties.correlationId))?.(read(message)));
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

function read(message: ConsumeMessage): CommandResult {
  return CommandResult.parse(JSON.parse(message.content.toString('utf8')));
}
