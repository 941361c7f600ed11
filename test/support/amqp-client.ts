import { randomUUID } from 'node:crypto';
import { connect, type ConfirmChannel, type ConsumeMessage, type Options, type SocketOptions } from 'amqplib';
import type { ProgressEvent } from '../../services/common/messages/progress.js';
import type { CommandResult } from '../../services/common/messages/results.js';
import { Inbox } from './inbox.js';
import { takeAwayAfter, type TakeAway } from './take-away.js';

export interface Answered {
  readonly result: CommandResult;
  readonly message: ConsumeMessage;
}

/** Somebody who sends commands to a worker named `host` and hears what it says. */
export class AmqpClient {
  readonly replies = new Inbox<Answered>();
  readonly events = new Inbox<Answered>();
  /** Progress events, apart from the results. */
  readonly progress = new Inbox<ProgressEvent>();

  private constructor(
    readonly channel: ConfirmChannel,
    readonly replyTo: string,
    private readonly host: string,
  ) {}

  static async connect(t: TakeAway, url: string, host = 'host-1', socket: SocketOptions = {}): Promise<AmqpClient> {
    const connection = await connect(url, socket);
    connection.on('error', () => {}); // a broker that is restarted on purpose
    takeAwayAfter(t, () => connection.close().catch(() => {}));
    const channel = await connection.createConfirmChannel();
    const { queue } = await channel.assertQueue('', { exclusive: true });
    const client = new AmqpClient(channel, queue, host);
    await channel.consume(queue, (message) => message && client.replies.push(answered(message)), { noAck: true });
    return client;
  }

  /** From now on, `events` fills. */
  async listen(pattern = '#'): Promise<void> {
    const { queue } = await this.channel.assertQueue('', { exclusive: true });
    await this.channel.bindQueue(queue, 'novalet.events', pattern);
    await this.hear(queue);
  }

  /** The same, from a queue that is there. */
  async hear(queue: string): Promise<void> {
    await this.channel.consume(queue, (message) => message && this.#sort(message), { noAck: true });
  }

  #sort(message: ConsumeMessage): void {
    if (/\.progress$/.test(message.fields.routingKey)) this.progress.push(JSON.parse(message.content.toString()) as ProgressEvent);
    else this.events.push(answered(message));
  }

  /** Publishes, confirmed, and gives the message id. A body that is not a Buffer goes as JSON. */
  async send(type: string, body: unknown, options: Options.Publish & { queue?: 'work' | 'control' } = {}): Promise<string> {
    const { queue = 'work', ...properties } = options;
    const messageId = options.messageId ?? randomUUID();
    const content = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
    const all = {
      type,
      messageId,
      persistent: true,
      contentType: 'application/json',
      headers: { version: 1 },
      replyTo: this.replyTo,
      ...properties,
    };
    await new Promise<void>((resolve, reject) => {
      this.channel.publish('novalet.commands', `compute.${this.host}.${queue}`, content, all, (error) =>
        error ? reject(error as Error) : resolve(),
      );
    });
    return messageId;
  }

  /** Sends and waits for the reply to it. */
  async call(type: string, body: unknown, options: Options.Publish & { queue?: 'work' | 'control' } = {}): Promise<CommandResult> {
    const messageId = await this.send(type, body, options);
    return (await this.replies.find(({ result }) => result.messageId === messageId)).result;
  }

  /** The next message on the dead-letter queue. */
  async deadLetter(): Promise<ConsumeMessage> {
    const inbox = new Inbox<ConsumeMessage>();
    const { consumerTag } = await this.channel.consume('novalet.dead', (message) => message && inbox.push(message));
    const letter = await inbox.next();
    this.channel.ack(letter);
    await this.channel.cancel(consumerTag);
    return letter;
  }
}

function answered(message: ConsumeMessage): Answered {
  return { message, result: JSON.parse(message.content.toString()) as CommandResult };
}
