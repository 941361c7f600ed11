import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CommandResult } from '../../../../services/common/messages/results.js';
import { specHash } from '../../../../services/common/spec-hash.js';
import { spawnBody } from '../../../support/commands.js';
import { fakeDelivery } from '../../../support/fake-delivery.js';
import { workbench } from '../../../support/workbench.js';

const resultOf = ({ message }: { readonly message: { readonly content: Buffer } }) =>
  JSON.parse(message.content.toString()) as CommandResult;

test('a dry run is answered with its plan, and the host and its memory stay as they were', async () => {
  const { tasks, results, driver, tombstones } = workbench();
  const body = spawnBody({}, { dryRun: true });
  tasks.take(fakeDelivery('instance.spawn', body));
  const [result] = await results(1);
  assert.deepEqual([result?.outcome, result?.instance, result?.plan?.fits], ['done', undefined, true]);
  assert.equal(driver.host.instances.size, 0);
  assert.equal(tombstones.generationOf(body.instance.id), null);
});

test('the XML of a dry run goes to the sender alone', async () => {
  const { tasks, published } = workbench();
  tasks.take(fakeDelivery('instance.spawn', spawnBody({}, { dryRun: true }), { properties: { replyTo: 'q' } }));
  const both = [await published.next(), await published.next()];
  for (const { confirm } of both) confirm();
  const shown = new Map(both.map((one) => [one.message.exchange, resultOf(one).plan?.domainXml]));
  assert.match(shown.get('') ?? '', /^<domain>/);
  assert.equal(shown.get('novalet.events'), undefined);
});

test('a dry run has the refusals of its spawn', async () => {
  const { tasks, results, tombstones } = workbench();
  const { instance } = spawnBody();
  tombstones.bury(instance.id, 1);
  tasks.take(fakeDelivery('instance.spawn', { instance, dryRun: true }));
  assert.equal((await results(1))[0]?.error?.kind, 'conflict');
});

test('a dry run that comes too late leaves the real spawn’s work alone', async () => {
  const { tasks, results, driver } = workbench();
  const { instance } = spawnBody();
  driver.leaveHalfMade(
    { spec: instance, start: {}, specHash: specHash(instance), generation: 1, requestId: 'r', deadline: Infinity },
    'start',
  );
  tasks.take(fakeDelivery('instance.spawn', { instance, dryRun: true, deadline: new Date(Date.now() - 1000).toISOString() }));
  assert.equal((await results(1))[0]?.error?.kind, 'timeout');
  assert.equal(driver.host.instances.size, 1);
});

test('a destroy that passes a dry run keeps no later spawn down for it', async () => {
  const { tasks, results, driver, tombstones } = workbench();
  const { instance } = spawnBody();
  const hold = driver.holdNext('find');
  tasks.take(fakeDelivery('instance.get', { instance: { id: instance.id } }, { properties: { messageId: 'a' } }));
  tasks.take(fakeDelivery('instance.spawn', { instance, dryRun: true, generation: 7 }, { properties: { messageId: 'b' } }));
  tasks.take(fakeDelivery('instance.destroy', { instance: { id: instance.id } }, { properties: { messageId: 'c' } }));
  hold.release();
  await results(3);
  assert.equal(tombstones.generationOf(instance.id), 1);
});
