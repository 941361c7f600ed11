import type { ChannelModel, ConsumeMessage } from 'amqplib';
import { ComputeError } from '../../common/errors.js';
import type { Delivery, QueueClass } from '../delivery.js';
import { queueName } from './names.js';

export interface ConsumerOptions {
  readonly host: string;
  readonly queue: QueueClass;
  /** How many messages may be in our hands at once. */
  readonly prefetch: number;
  readonly onDelivery: (delivery: Delivery) => void;
  /** The broker closed the channel or cancelled the consumer: what it delivered is the broker's again. */
  readonly onLost: (why: string) => void;
}

/** A channel on one queue, which consumes or does not. */
export interface Consumer {
  /** Begins to consume, or no more deliveries; those in hand can still be acknowledged. Nothing is done where it is so already. */
  consume(wanted: boolean): Promise<void>;
  /** Resolves when the broker has every acknowledgement: a connection that closes at once may overtake them. */
  leave(): Promise<void>;
}

/**
 * Opens a channel of its own for one queue. It consumes the queue alone: two workers under one host name would run one host's commands on two machines. (The
 * queue has a single active consumer, for two that look at the same moment.)
 * @throws from `consume`: ComputeError busy when another worker consumes it; a worker that died is noticed by the broker within a minute
 */
export async function openConsumer(connection: ChannelModel, options: ConsumerOptions): Promise<Consumer> {
  const { host, queue, prefetch, onDelivery, onLost } = options;
  const name = queueName(host, queue);
  const channel = await connection.createChannel();
  let open = true;
  let leaving = false;
  let why = 'the channel closed';
  channel.on('error', (error: Error) => (why = error.message));
  channel.once('close', () => {
    open = false;
    if (!leaving) onLost(`${name}: ${why}`);
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
    if (message === null) {
      onLost(`${name}: the broker cancelled the consumer`);
      return;
    }
    const { redelivered, exchange, routingKey } = message.fields;
    onDelivery({
      content: message.content,
      properties: message.properties,
      queue,
      exchange,
      routingKey,
      redelivered,
      deliveryCount: deliveryCount(message),
      ack: () => onChannel(() => channel.ack(message)),
      giveBack: () => void onChannel(() => channel.nack(message, false, true)),
    });
  };

  await channel.prefetch(prefetch);
  let consumerTag: string | null = null;
  let consumedBefore = false;

  const begin = async (): Promise<void> => {
    // Later it may be ourselves: the broker counts a consumer that it cancelled for as long as something of its is unacknowledged.
    const others = consumedBefore ? 0 : (await channel.checkQueue(name)).consumerCount;
    consumedBefore = true;
    if (others > 0) {
      throw new ComputeError(
        'busy',
        `another worker consumes ${name}: two workers have the host name ${host}; give each its own NOVALET_HOST`,
      );
    }
    ({ consumerTag } = await channel.consume(name, take));
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
function deliveryCount({ properties, fields }: ConsumeMessage): number {
  if (!fields.redelivered) return 0;
  const counted: unknown = properties.headers?.['x-delivery-count'];
  return typeof counted === 'number' ? counted : 1;
}
