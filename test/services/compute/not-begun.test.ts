import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { COMMAND_BODIES, type Command, type CommandType } from '../../../services/common/messages/commands.js';
import type { CommandResult } from '../../../services/common/messages/results.js';
import { specHash } from '../../../services/common/spec-hash.js';
import { Attempts, DELIVERY_LIMIT } from '../../../services/compute/attempts.js';
import { DrainedFile } from '../../../services/compute/drained-file.js';
import { createMetrics } from '../../../services/compute/metrics.js';
import { MemoryTombstones } from '../../../services/compute/tombstones/memory-tombstones.js';
import { Turn } from '../../../services/compute/turn.js';
import type { FakeDriver } from '../../../services/compute/virt/fake/fake-driver.js';
import { spawnBody } from '../../support/commands.js';
import { fakeDelivery } from '../../support/fake-delivery.js';
import { KeptLog } from '../../support/with-worker.js';
import { workbench } from '../../support/workbench.js';

/** Whatever is asked of it fails the test. */
const untouchable = new Proxy({} as FakeDriver, { get: (_, name) => assert.fail(`the driver was asked to ${String(name)}`) });

for (const type of Object.keys(COMMAND_BODIES) as CommandType[]) {
  if (type === 'instance.spawn') continue; // it looks for what is left of it
  test(`an expired ${type} is answered and touches nothing`, async () => {
    const body = { instance: { id: randomUUID() } };
    const command = { type, messageId: 'm', requestId: 'r', body, deadline: Date.now() - 1 } as unknown as Command;
    const cordon = new DrainedFile(null);
    const parts = { tombstones: new MemoryTombstones(), metrics: createMetrics(), log: new KeptLog(), tellProgress: () => {} };
    const attempts = new Attempts({ host: 'host-1', driver: untouchable, cordon, ...parts });
    const { answer } = await attempts.run(new Turn(command, 'control'), { undone: 0, redelivered: false });
    assert.equal(answer.result.error?.kind, 'timeout');
    assert.match(answer.result.error?.message ?? '', /nothing was done for it now/);
    assert.equal(cordon.drained, null);
  });
}

/** A spawn that came back so often after an attempt had been cut off after `upTo`: what it is answered and what is left. */
async function cameBack(deliveryCount: number, upTo: 'start' | 'committed') {
  const { tasks, published, driver } = workbench();
  const body = spawnBody();
  const request = { spec: body.instance, start: {}, specHash: specHash(body.instance), generation: 1, requestId: 'r', deadline: Infinity };
  if (upTo === 'committed') await driver.spawn(request);
  else driver.leaveHalfMade(request, upTo);
  tasks.take(fakeDelivery('instance.spawn', body, { redelivered: true, deliveryCount }));
  const { message } = await published.next();
  return { ...(JSON.parse(message.content.toString()) as CommandResult), left: driver.host.instances.size };
}

test('a spawn that came back too often takes away what its attempts had left, and says so', async () => {
  const { error, left } = await cameBack(DELIVERY_LIMIT, 'start');
  assert.deepEqual([error?.kind, error?.cleanedUp, left], ['internal', ['guest', 'domain', 'files'], 0]);
  assert.match(error?.message ?? '', /came back undone 10 times.*taken away/);
});

test('a spawn that came back too often and had come to its end is answered with it', async () => {
  const { outcome, left } = await cameBack(DELIVERY_LIMIT, 'committed');
  assert.deepEqual([outcome, left], ['done', 1]);
});

test('a spawn that comes back after that, too, is answered and not touched: looking for its remains may be what kills the worker', async () => {
  const { error, left } = await cameBack(DELIVERY_LIMIT + 5, 'start');
  assert.deepEqual([error?.kind, error?.cleanedUp, left], ['internal', undefined, 1]);
});
