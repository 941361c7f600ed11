import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PowerState, type DesiredPowerState } from '../../../../services/common/messages/power-state.js';
import { bringBack, POWER_POLICIES } from '../../../../services/compute/instances/power-policy.js';
import type { Sighting } from '../../../../services/compute/instances/sight.js';

const instance = (powerState: Sighting['powerState'], desired: DesiredPowerState = 'running', autodestroy = false): Sighting => ({
  id: 'a',
  powerState,
  generation: 1,
  memory: { generation: 1, committed: true, desired: { powerState: desired, autodestroy } },
});

test('what belongs up and is off is brought up by the policy start, and by leave after a boot of the host', () => {
  const found = POWER_POLICIES.flatMap((policy) => [false, true].map((booted) => bringBack(instance('shutdown'), policy, booted)));
  assert.deepEqual(found, ['start', 'start', null, 'start', null, null]);
});

test('kept memory is gone on from', () => {
  assert.equal(bringBack(instance('suspended'), 'start', false), 'resume');
});

test('no policy does anything about a guest that is on, or one that belongs off', () => {
  const off = (['shutdown', 'suspended', 'paused'] as const).flatMap((desired) =>
    PowerState.options.map((state) => bringBack(instance(state, desired), 'start', true)),
  );
  const on = (['running', 'paused', 'crashed', 'pending'] as const).map((state) => bringBack(instance(state), 'start', true));
  assert.deepEqual(new Set([...off, ...on]), new Set([null]));
});

test('a guest that ends with its worker, a half-made one, a missing one and an orphan are never brought up', () => {
  const halfMade: Sighting = {
    ...instance('shutdown'),
    memory: { generation: 1, committed: false, desired: { powerState: 'running', autodestroy: false } },
  };
  const left = [instance('shutdown', 'running', true), halfMade, instance(null), { ...instance('shutdown'), memory: null }];
  assert.deepEqual(
    left.map((one) => bringBack(one, 'start', true)),
    [null, null, null, null],
  );
});
