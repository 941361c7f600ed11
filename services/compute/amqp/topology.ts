import type { Channel } from 'amqplib';
import { ComputeError } from '../../common/errors.js';
import { QUEUE_CLASSES } from '../delivery.js';
import { COMMANDS_EXCHANGE, DEAD_EXCHANGE, DEAD_QUEUE, EVENTS_EXCHANGE, queueName, routingKey } from './names.js';

/**
 * After so many returns the broker itself dead-letters a message, and nobody answers. It counts what goes back untouched, too: more than connections
 * can be lost while a command is in hand. The worker answers what it dies over well before (see DELIVERY_LIMIT in attempts.ts).
 */
const BROKER_DELIVERY_LIMIT = 1000;

const QUORUM = { 'x-queue-type': 'quorum' };
/** Never change an argument of a queue that exists somewhere: the broker refuses the declaration. */
const COMMAND_QUEUE_ARGUMENTS = {
  ...QUORUM,
  // A second worker of the same name gets nothing while the first one lives; quorum queues know no exclusive consumers.
  'x-single-active-consumer': true,
  'x-delivery-limit': BROKER_DELIVERY_LIMIT,
  'x-dead-letter-exchange': DEAD_EXCHANGE,
  // What the broker dead-letters is kept until the dead-letter queue has it; that asks for reject-publish.
  'x-dead-letter-strategy': 'at-least-once',
  'x-overflow': 'reject-publish',
};

/**
 * Declares what a worker needs; declaring again changes nothing.
 * @throws ComputeError precondition when an exchange or queue of the name exists with other properties
 */
export async function declareTopology(channel: Channel, host: string): Promise<void> {
  const { declareExchange, declareQueue } = declaring(channel);
  for (const exchange of [COMMANDS_EXCHANGE, EVENTS_EXCHANGE]) await declareExchange(exchange);
  await declareDead(channel);
  for (const queue of QUEUE_CLASSES) {
    await declareQueue(queueName(host, queue), COMMAND_QUEUE_ARGUMENTS);
    await channel.bindQueue(queueName(host, queue), COMMANDS_EXCHANGE, routingKey(host, queue));
  }
}

/** Where messages are kept that nobody could handle. */
export async function declareDead(channel: Channel): Promise<void> {
  const { declareExchange, declareQueue } = declaring(channel);
  await declareExchange(DEAD_EXCHANGE);
  await declareQueue(DEAD_QUEUE, QUORUM);
  await channel.bindQueue(DEAD_QUEUE, DEAD_EXCHANGE, '#');
}

function declaring(channel: Channel) {
  return {
    declareExchange: (name: string): Promise<unknown> =>
      declared('exchange', name, channel.assertExchange(name, 'topic', { durable: true })),
    declareQueue: (name: string, args: object): Promise<unknown> =>
      declared('queue', name, channel.assertQueue(name, { durable: true, arguments: args })),
  };
}

const NOT_FOUND = 404;
const PRECONDITION_FAILED = 406;

/** @throws ComputeError precondition with the way out */
export async function declared(what: 'exchange' | 'queue', name: string, declaration: Promise<unknown>, wayOut?: string): Promise<void> {
  try {
    await declaration;
  } catch (error) {
    const { code } = error as { code?: unknown };
    const words = error instanceof Error ? error.message : String(error);
    if (code === NOT_FOUND)
      throw new ComputeError('precondition', `the ${what} ${name} is not on the broker (${words}). ${wayOut ?? ''}`, {}, { cause: error });
    if (code !== PRECONDITION_FAILED) throw error;
    throw new ComputeError(
      'precondition',
      `the ${what} ${name} exists on the broker with other properties than a worker needs (${words}). ` +
        (wayOut ??
          `Let it run empty, delete it${what === 'queue' ? ` (rabbitmqctl delete_queue ${name})` : ' in the management interface'}, and start the worker again: it declares it anew.`),
      {},
      { cause: error },
    );
  }
}
