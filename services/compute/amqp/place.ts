import type { Channel, ChannelModel } from 'amqplib';
import type { Consumer } from './channel-consumer.js';

/** What a session has at the broker: what it declares and what it consumes. */
export interface Place {
  /** How the broker's own tools show the connection. */
  readonly connectionName: string;
  /** What is consumed, by names that `consume` is told. */
  readonly queues: readonly string[];
  /** Declares what it needs; doing so again changes nothing. @throws ComputeError precondition when the broker has other things under our names */
  declare(channel: Channel): Promise<void>;
  /** Opens a channel for one of `queues`; consumes nothing yet. */
  open(connection: ChannelModel, queue: string, onLost: (why: string) => void): Promise<Consumer>;
}
