import type { Broker } from './amqp/broker.js';

/** What the worker needs of a broker. */
export type BrokerPlace = Pick<
  Broker,
  'opened' | 'consuming' | 'trouble' | 'publish' | 'tell' | 'takes' | 'consume' | 'stopConsuming' | 'close'
>;

/** In place of a broker where there is none: commands come by other doors, and nobody listens to events. */
export const NO_BROKER: BrokerPlace = {
  opened: Promise.resolve(),
  consuming: true,
  trouble: null,
  takes: true,
  publish: () => Promise.resolve('confirmed'),
  tell: () => {},
  consume: () => Promise.resolve(),
  stopConsuming: () => Promise.resolve(),
  close: () => Promise.resolve(),
};
