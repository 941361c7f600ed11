import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ComputeError } from '../../../services/common/errors.js';
import { spawnBody } from '../../support/commands.js';
import { fakeDelivery } from '../../support/fake-delivery.js';
import { workbench } from '../../support/workbench.js';

/** A stop whose door lets nothing in: what it is answered with, when it was begun so often before. */
async function refusedStop(begunBefore: number): Promise<string> {
  const { tasks, results, driver } = workbench();
  const spawn = spawnBody();
  tasks.take(fakeDelivery('instance.spawn', spawn));
  await results(1);
  const admit = (): void => {
    throw new ComputeError('conflict', 'it has changed', { field: 'etag' });
  };
  const seen: (string | null)[] = [];
  const more = { admit, saw: ({ powerState }: { powerState: string | null }) => void seen.push(powerState) };
  const body = { instance: { id: spawn.instance.id }, grace: 0 };
  tasks.take(fakeDelivery('instance.stop', body, { ...more, redelivered: begunBefore > 0, deliveryCount: begunBefore }));
  const [result] = await results(1);
  return `${result?.error?.kind ?? result?.outcome}, ${driver.host.instances.get(spawn.instance.id)?.powerState}, seen ${seen.join()}`;
}

test('what the door does not let in is answered so, and not begun', async () => {
  assert.equal(await refusedStop(0), 'conflict, running, seen running');
});

test('what a worker died over was let in before: it is half done itself', async () => {
  assert.equal(await refusedStop(1), 'done, shutdown, seen shutdown');
});
