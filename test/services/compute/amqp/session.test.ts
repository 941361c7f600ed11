import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Place } from '../../../../services/compute/amqp/place.js';
import { Publisher } from '../../../../services/compute/amqp/publisher.js';
import { Session } from '../../../../services/compute/amqp/session.js';
import { withVhost } from '../../../support/with-rabbitmq.js';

test('a declaration that the end of the connection cuts off is no trouble of the next one', async (t) => {
  const { url } = await withVhost(t);
  let begun!: () => void;
  const again = new Promise<void>((resolve) => (begun = resolve));
  let declarations = 0;
  const place: Place = {
    connectionName: 'session test',
    queues: [],
    declaresAgain: true,
    declare: async () => {
      if (++declarations === 1) return;
      begun();
      await new Promise(() => {}); // a broker that hangs
    },
    open: () => Promise.reject(new Error('there are no queues')),
  };
  const told: (string | null)[] = [];
  const publisher = new Publisher({ confirmed: () => {}, waiting: () => {} });
  const options = { url, place, onBlocked: () => {}, onDeclared: (trouble: string | null) => told.push(trouble), declareEveryMs: 20 };
  const session = await Session.open({ ...options, signal: new AbortController().signal }, publisher, () => ({}));
  await again;
  await session.close();
  await new Promise((resolve) => setImmediate(resolve)); // whoever was told at the end has said so by now
  assert.deepEqual(told, []);
});
