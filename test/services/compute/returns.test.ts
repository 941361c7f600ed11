import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Returns } from '../../../services/compute/returns.js';
import { fakeDelivery } from '../../support/fake-delivery.js';

test('messages go back in the order of their delivery, whichever gave up first, and those of one queue alone', () => {
  const returns = new Returns();
  const order: string[] = [];
  const deliveries = (['work', 'control', 'work'] as const).map((queue, i) => ({
    delivery: { ...fakeDelivery('instance.get', {}, { queue }), giveBack: () => void order.push(`${queue} ${i}`) },
    place: returns.place(),
  }));
  for (const { delivery, place } of deliveries.reverse()) returns.hold(delivery, place);
  returns.release('work');
  assert.deepEqual(order, ['work 0', 'work 2']);
  returns.release('control');
  returns.release('work');
  assert.deepEqual(order, ['work 0', 'work 2', 'control 1']);
});
