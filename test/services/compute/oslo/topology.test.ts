import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shapes, type TopologyOption } from '../../../../services/compute/oslo/topology.js';

const of = (...options: TopologyOption[]) =>
  shapes({
    exchange: 'nova',
    topic: 'compute',
    server: 'h',
    options: new Set(options),
    uniqueName: 'f'.repeat(32),
    notificationTopics: ['notifications'],
  });
const FANOUT = `compute_fanout_${'f'.repeat(32)}`;
const EXPIRES = { 'x-expires': 1_800_000 };
const QUORUM = { 'x-queue-type': 'quorum' };

test('by default nothing outlives the broker, as with oslo.messaging', () => {
  const { exchange, fanout, queues } = of();
  assert.deepEqual(
    [exchange, fanout],
    [
      { name: 'nova', durable: false },
      { name: 'compute_fanout', durable: false },
    ],
  );
  assert.deepEqual(queues.topic, { name: 'compute', durable: false });
  assert.deepEqual(queues.server, { name: 'compute.h', durable: false });
  assert.deepEqual(queues.fanout, { name: FANOUT, durable: false, arguments: EXPIRES });
});

test('durable queues leave the fanout as it was', () => {
  const { exchange, queues, notifications } = of('durable');
  assert.deepEqual([exchange.durable, queues.server.durable, queues.fanout.durable], [true, true, false]);
  assert.deepEqual(notifications, [
    { name: 'notifications.info', durable: true },
    { name: 'notifications.error', durable: true },
  ]);
});

test('quorum queues are durable; the fanout is one only when transient ones are, too', () => {
  assert.deepEqual(of('quorum').queues.server, { name: 'compute.h', durable: true, arguments: QUORUM });
  assert.deepEqual(of('quorum').queues.fanout, { name: FANOUT, durable: false, arguments: EXPIRES });
  assert.deepEqual(of('quorum', 'transient-quorum').queues.fanout, { name: FANOUT, durable: true, arguments: { ...QUORUM, ...EXPIRES } });
  assert.equal(of('transient-quorum').fanout.durable, true);
});

test('a stream for the fanout is one for all, read from its end', () => {
  const { fanout, queues, fanoutArguments } = of('quorum', 'stream-fanout');
  assert.deepEqual(queues.fanout, { name: 'compute_fanout', durable: true, arguments: { 'x-queue-type': 'stream', 'x-max-age': '1800s' } });
  assert.deepEqual([fanout.durable, fanoutArguments], [true, { 'x-stream-offset': 'last' }]);
});
