import { QUEUE_CLASSES, type Delivery, type QueueClass } from '../delivery.js';
import { openConsumer } from './consumer.js';
import type { Place } from './place.js';
import { declareTopology } from './topology.js';

export interface CommandQueuesOptions {
  readonly host: string;
  readonly prefetch: Readonly<Record<QueueClass, number>>;
  readonly onDelivery: (delivery: Delivery) => void;
}

/** A worker's own two queues, with everything around them. */
export function commandQueues({ host, prefetch, onDelivery }: CommandQueuesOptions): Place {
  return {
    connectionName: `novalet compute ${host}`,
    queues: QUEUE_CLASSES,
    declare: (channel) => declareTopology(channel, host),
    open(connection, name, onLost) {
      const queue = name as QueueClass;
      return openConsumer(connection, { host, queue, prefetch: prefetch[queue], onDelivery, onLost });
    },
  };
}
