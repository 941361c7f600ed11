import type { Channel } from 'amqplib';
import { declared } from '../amqp/topology.js';

/**
 * How the cloud's queues are, by oslo.messaging's options: `durable` (amqp_durable_queues), `quorum` (rabbit_quorum_queue), `transient-quorum`
 * (rabbit_transient_quorum_queue), `stream-fanout` (rabbit_stream_fanout). `passive`: somebody else declares what is shared, and it is only looked at.
 */
export const TOPOLOGY_OPTIONS = ['durable', 'quorum', 'transient-quorum', 'stream-fanout', 'passive'] as const;
export type TopologyOption = (typeof TOPOLOGY_OPTIONS)[number];

export interface TopologyWishes {
  /** oslo.messaging's control_exchange. */
  readonly exchange: string;
  readonly topic: string;
  /** The server's name within the topic. */
  readonly server: string;
  readonly options: ReadonlySet<TopologyOption>;
  /** Of this process: 32 hexadecimal digits. */
  readonly uniqueName: string;
  /** Topics of notifications; whoever publishes them declares their queues. */
  readonly notificationTopics: readonly string[];
}

const PRIORITIES = ['info', 'error'] as const;

/** The three queues of a server. */
export const OSLO_QUEUES = ['topic', 'server', 'fanout'] as const;
export type OsloQueue = (typeof OSLO_QUEUES)[number];

/** How long RabbitMQ keeps a queue that nobody uses any more: rabbit_transient_queues_ttl. */
const TRANSIENT_SECONDS = 1800;

interface QueueShape {
  readonly name: string;
  readonly durable: boolean;
  readonly arguments?: Readonly<Record<string, unknown>>;
}

export interface Shapes {
  readonly queues: Readonly<Record<OsloQueue, QueueShape>>;
  readonly notifications: readonly QueueShape[];
  readonly exchange: { readonly name: string; readonly durable: boolean };
  readonly fanout: { readonly name: string; readonly durable: boolean };
  /** Where reading begins in a queue that is a stream. */
  readonly fanoutArguments?: Readonly<Record<string, unknown>>;
}

/** Names and properties of everything, by the table that oslo.messaging's options make. */
export function shapes({ exchange, topic, server, options, uniqueName, notificationTopics }: TopologyWishes): Shapes {
  const quorum = options.has('quorum') || options.has('transient-quorum');
  const durable = options.has('durable') || quorum;
  const stream = options.has('stream-fanout');
  const lasting = (name: string): QueueShape => ({ name, durable, ...(quorum && { arguments: { 'x-queue-type': 'quorum' } }) });
  return {
    exchange: { name: exchange, durable },
    fanout: { name: `${topic}_fanout`, durable: stream || options.has('transient-quorum') },
    queues: {
      topic: lasting(topic),
      server: lasting(`${topic}.${server}`),
      fanout: stream ? streamOf(topic) : transient(`${topic}_fanout_${uniqueName}`, options.has('transient-quorum')),
    },
    notifications: notificationTopics.flatMap((one) => PRIORITIES.map((priority) => lasting(`${one}.${priority}`))),
    ...(stream && { fanoutArguments: { 'x-stream-offset': 'last' } }),
  };
}

function streamOf(topic: string): QueueShape {
  return { name: `${topic}_fanout`, durable: true, arguments: { 'x-queue-type': 'stream', 'x-max-age': `${TRANSIENT_SECONDS}s` } };
}

function transient(name: string, quorum: boolean): QueueShape {
  const expires = { 'x-expires': TRANSIENT_SECONDS * 1000 };
  return { name, durable: quorum, arguments: quorum ? { 'x-queue-type': 'quorum', ...expires } : expires };
}

/** @throws ComputeError precondition when the broker has them otherwise, or has not what `passive` looks for */
export async function declareOslo(channel: Channel, wishes: TopologyWishes): Promise<void> {
  const { exchange, fanout, queues, notifications } = shapes(wishes);
  const passive = wishes.options.has('passive');
  const shared = (name: string, declare: () => Promise<unknown>, look: () => Promise<unknown>, what: 'exchange' | 'queue'): Promise<void> =>
    declared(what, name, passive ? look() : declare(), WAY_OUT);
  const queue = ({ name, durable, arguments: args }: QueueShape): Promise<unknown> =>
    channel.assertQueue(name, { durable, ...(args && { arguments: args }) });

  await shared(
    exchange.name,
    () => channel.assertExchange(exchange.name, 'topic', { durable: exchange.durable }),
    () => channel.checkExchange(exchange.name),
    'exchange',
  );
  // Gone with the last server, so it may have to be made anew in any case.
  await declared(
    'exchange',
    fanout.name,
    channel.assertExchange(fanout.name, 'fanout', { durable: fanout.durable, autoDelete: true }),
    WAY_OUT,
  );
  for (const lasting of [queues.topic, queues.server, ...notifications]) {
    await shared(
      lasting.name,
      () => queue(lasting),
      () => channel.checkQueue(lasting.name),
      'queue',
    );
    if (!passive) await channel.bindQueue(lasting.name, exchange.name, lasting.name);
  }
  await declared('queue', queues.fanout.name, queue(queues.fanout), WAY_OUT);
  await channel.bindQueue(queues.fanout.name, fanout.name, wishes.topic);
}

const WAY_OUT =
  'Set NOVALET_OSLO_TOPOLOGY to what the cloud has (amqp_durable_queues, rabbit_quorum_queue …), or to passive to take what is there.';
