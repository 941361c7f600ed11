import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InstanceStateEvent } from '../../../../services/common/messages/instance-event.js';
import { Announcer } from '../../../../services/compute/instances/announcer.js';
import type { KnownInstance } from '../../../../services/compute/instances/register.js';
import type { Outgoing, Published } from '../../../../services/compute/outgoing.js';

const id = '0b1f3c5e-1d2c-4b5a-9e8f-7a6b5c4d3e2f';
const known = (powerState: KnownInstance['powerState'], of = id): KnownInstance => ({
  id: of,
  powerState,
  generation: 2,
  memory: null,
  revision: 1,
});

/** A broker that confirms when it is told to. */
function broker() {
  const taken: { message: Outgoing; confirm: (outcome: Published) => void }[] = [];
  const announcer = new Announcer('host-1', (message) => new Promise((confirm) => taken.push({ message, confirm })));
  const body = (index: number) => JSON.parse(taken[index]?.message.content.toString() ?? 'null') as InstanceStateEvent;
  const change = (to: KnownInstance['powerState'], of = id) =>
    announcer.announce({ id: of, before: known('running', of), after: known(to, of), reason: 'destroyed', inBand: false });
  return { announcer, taken, body, change };
}

test('an event has the form that its schema says, and a routing key by instance and state', () => {
  const { taken, body, change } = broker();
  change('shutdown');
  assert.doesNotThrow(() => InstanceStateEvent.parse(body(0)));
  assert.deepEqual([taken[0]?.message.routingKey, taken[0]?.message.type], [`instance.${id}.state.shutdown`, 'instance.state']);
});

test('while the broker is away the newest word of each instance waits, with what was told last before it', async () => {
  const { announcer, taken, body, change } = broker();
  for (let i = 0; i < 16; i++) change('paused', `other-${i}`);
  for (const state of ['shutdown', 'paused', 'crashed'] as const) change(state);
  assert.deepEqual([taken.length, announcer.waiting], [16, 17]);
  taken[0]?.confirm('confirmed');
  await new Promise(setImmediate);
  assert.deepEqual([body(16).state, body(16).previous, body(16).sequence], ['crashed', 'running', 17]);
});

test('what never was an instance is not told of', () => {
  const { announcer, taken } = broker();
  announcer.announce({ id, before: null, after: known(null), reason: null, inBand: false });
  announcer.announce({ id, before: known(null), after: null, reason: null, inBand: false });
  assert.equal(taken.length, 0);
});
