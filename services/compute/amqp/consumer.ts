import type { ChannelModel } from 'amqplib';
import { ComputeError } from '../../common/errors.js';
import type { Delivery, QueueClass } from '../delivery.js';
import { deliveryCount, openChannelConsumer, type Consumer } from './channel-consumer.js';
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

/**
 * Opens a channel of its own for one queue. It consumes the queue alone: two workers under one host name would run one host's commands on two machines. (The
 * queue has a single active consumer, for two that look at the same moment.)
 * @throws from `consume`: ComputeError busy when another worker consumes it; a worker that died is noticed by the broker within a minute
 */
export function openConsumer(connection: ChannelModel, { host, queue, prefetch, onDelivery, onLost }: ConsumerOptions): Promise<Consumer> {
  const name = queueName(host, queue);
  return openChannelConsumer(connection, {
    queue: name,
    prefetch,
    onLost,
    onMessage(message, hand) {
      const { redelivered, exchange, routingKey } = message.fields;
      const { content, properties } = message;
      onDelivery({ content, properties, queue, exchange, routingKey, redelivered, deliveryCount: deliveryCount(message), ...hand });
    },
    mayConsume(consumers) {
      if (consumers === 0) return;
      throw new ComputeError(
        'busy',
        `another worker consumes ${name}: two workers have the host name ${host}; give each its own NOVALET_HOST`,
      );
    },
  });
}
