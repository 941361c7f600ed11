import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMMAND_BODIES } from '../../../services/common/messages/commands.js';
import { LOG_FIELDS } from '../../../services/compute/log-fields.js';
import { ComputeError } from '../../../services/common/errors.js';
import { spawnBody } from '../../support/commands.js';
import { fakeDelivery } from '../../support/fake-delivery.js';
import { workbench } from '../../support/workbench.js';

const NOT_FIELDS = ['level', 'phrase'];

test('no log line has a field that the list does not have, and every line about a command names its message and its request', async () => {
  const { tasks, results, driver, log } = workbench();
  driver.failNext('find', new ComputeError('busy', 'locked'));
  driver.failNext('start', new TypeError('x is not a function'));
  const instance = { id: spawnBody().instance.id };
  tasks.take(fakeDelivery('instance.spawn', spawnBody()));
  tasks.take(fakeDelivery('instance.spawn', spawnBody()));
  tasks.take(fakeDelivery('instance.spawn', Buffer.from('?')));
  for (const type of Object.keys(COMMAND_BODIES))
    tasks.take(fakeDelivery(type, type.startsWith('host.') ? {} : { instance }, { queue: 'control' }));
  await results(3 + Object.keys(COMMAND_BODIES).length);
  await tasks.settled();
  const phrases = new Set(log.lines.map(({ phrase }) => phrase));
  for (const phrase of ['command taken', 'command answered', 'command tried again', 'message rejected'])
    assert.ok(phrases.has(phrase), phrase);
  for (const line of log.lines) {
    const names = Object.keys(line).filter((name) => !NOT_FIELDS.includes(name));
    assert.deepEqual(
      names.filter((name) => !Object.hasOwn(LOG_FIELDS, name)),
      [],
      line.phrase,
    );
    assert.ok(line.messageId && line.requestId, `${line.phrase} names its message and its request`);
  }
});
