import type { QueueClass } from '../delivery.js';

/** Topic exchange that takes commands: routing keys `compute.<host>.work` and `compute.<host>.control`. */
export const COMMANDS_EXCHANGE = 'novalet.commands';
/** Topic exchange of everything that workers say. */
export const EVENTS_EXCHANGE = 'novalet.events';
/** Topic exchange, and the queue behind it, of messages that nobody could handle. */
export const DEAD_EXCHANGE = 'novalet.dead';
export const DEAD_QUEUE = 'novalet.dead';

export const queueName = (host: string, queue: QueueClass): string => `novalet.compute.${host}.${queue}`;
export const routingKey = (host: string, queue: QueueClass): string => `compute.${host}.${queue}`;
