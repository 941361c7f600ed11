import type { ChannelModel, ConsumeMessage } from 'amqplib';

export interface ChannelConsumerOptions {
  readonly queue: string;
  /** How many messages may be in our hands at once. */
  readonly prefetch: number;
  readonly onMessage: (message: ConsumeMessage, hand: Hand) => void;
  /** The broker closed the channel or cancelled the consumer: what it delivered is the broker's again. */
  readonly onLost: (why: string) => void;
  /** Looked at before it begins to consume; throws when it must not. */
  readonly mayConsume?: (consumers: number) => void;
  /** Of the consumer, where its queue asks for some. */
  readonly arguments?: Readonly<Record<string, unknown>>;
}

/** What can be done with a message that was delivered. */
export interface Hand {
  /** false: the channel that brought it is gone, and the broker will deliver a copy. */
  readonly ack: () => boolean;
  readonly giveBack: () => void;
}

/** A channel on one queue, which consumes or does not. */
export interface Consumer {
  /** Begins to consume, or no more deliveries; those in hand can still be acknowledged. Nothing is done where it is so already. */
  consume(wanted: boolean): Promise<void>;
  /** Resolves when the broker has every acknowledgement: a connection that closes at once may overtake them. */
  leave(): Promise<void>;
}

/** Opens a channel of its own for one queue. */
export async function openChannelConsumer(connection: ChannelModel, options: ChannelConsumerOptions): Promise<Consumer> {
  const { queue, prefetch, onMessage, onLost, mayConsume } = options;
  const channel = await connection.createChannel();
  let open = true;
  let leaving = false;
  let why = 'the channel closed';
  channel.on('error', (error: Error) => (why = error.message));
  channel.once('close', () => {
    open = false;
    if (!leaving) onLost(`${queue}: ${why}`);
  });

  /** Runs an act on the channel that delivered; false when it is gone, and its deliveries with it. */
  const onChannel = (act: () => void): boolean => {
    if (!open) return false;
    try {
      act();
      return true;
    } catch {
      open = false; // closing, and not yet closed
      return false;
    }
  };

  const take = (message: ConsumeMessage | null): void => {
    if (message === null) onLost(`${queue}: the broker cancelled the consumer`);
    else
      onMessage(message, {
        ack: () => onChannel(() => channel.ack(message)),
        giveBack: () => void onChannel(() => channel.nack(message, false, true)),
      });
  };

  await channel.prefetch(prefetch);
  let consumerTag: string | null = null;
  let consumedBefore = false;

  const begin = async (): Promise<void> => {
    // Later it may be ourselves: the broker counts a consumer that it cancelled for as long as something of its is unacknowledged.
    if (mayConsume && !consumedBefore) mayConsume((await channel.checkQueue(queue)).consumerCount);
    consumedBefore = true;
    ({ consumerTag } = await channel.consume(queue, take, { arguments: options.arguments }));
  };

  const end = async (tag: string): Promise<void> => {
    consumerTag = null;
    await channel.cancel(tag);
  };

  return {
    consume: async (wanted) => {
      if (!open) return;
      if (wanted && consumerTag === null) await begin();
      else if (!wanted && consumerTag !== null) await end(consumerTag);
    },
    leave: async () => {
      leaving = true;
      if (open) await channel.close();
    },
  };
}

/**
 * How often the message came back. A quorum queue counts in a header, which it writes from the first return on; whatever stands there
 * before, the sender wrote.
 */
export function deliveryCount({ properties, fields }: ConsumeMessage): number {
  if (!fields.redelivered) return 0;
  const counted: unknown = properties.headers?.['x-delivery-count'];
  return typeof counted === 'number' ? counted : 1;
}
