import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ComputeError } from '../../../../services/common/errors.js';
import { specHash } from '../../../../services/common/spec-hash.js';
import { spawn } from '../../../../services/compute/handlers/spawn.js';
import { MemoryTombstones } from '../../../../services/compute/tombstones/memory-tombstones.js';
import { FakeDriver } from '../../../../services/compute/virt/fake/fake-driver.js';
import { spawnBody, spawnCommand } from '../../../support/commands.js';

const workbench = () => ({ driver: new FakeDriver(), tombstones: new MemoryTombstones() });

test('a spawn makes a running guest', async () => {
  const bench = workbench();
  const state = await spawn(spawnCommand(), bench);
  assert.equal(state.powerState, 'running');
  assert.equal(bench.driver.host.starts.get(state.instanceId), 1);
});

test('a copy of a spawn that is done reports the state and starts nothing', async () => {
  const bench = workbench();
  const command = spawnCommand();
  const first = await spawn(command, bench);
  assert.deepEqual(await spawn(command, bench), first);
  assert.equal(bench.driver.host.starts.get(first.instanceId), 1);
});

test('a spawn that was cut off goes on where it stopped', async () => {
  const bench = workbench();
  const command = spawnCommand();
  const { instance } = command.body;
  bench.driver.leaveHalfMade(
    { spec: instance, start: {}, specHash: specHash(instance), generation: 1, requestId: 'r-1', deadline: Infinity },
    'start',
  );
  assert.equal((await spawn(command, bench)).powerState, 'running');
  assert.equal(bench.driver.host.starts.get(instance.id), 1);
});

test('after the last generation of an id the way out is another id', async () => {
  const bench = workbench();
  const { instance } = spawnBody();
  const last = 2 ** 31 - 1;
  bench.tombstones.bury(instance.id, last);
  const refused = { kind: 'conflict', message: /; use another id: this was the last generation of this one$/ };
  await assert.rejects(spawn(spawnCommand({ instance, generation: last }), bench), refused);
});

test('another spec under the same id is refused and touches nothing', async () => {
  const bench = workbench();
  const { instanceId } = await spawn(spawnCommand(), bench);
  const before = bench.driver.host.instances.get(instanceId);
  await assert.rejects(spawn(spawnCommand(spawnBody({ id: instanceId, vcpus: 2 })), bench), { kind: 'already-exists' });
  assert.equal(bench.driver.host.instances.get(instanceId), before);
});

test('the same spec in another generation is refused while the first one stands', async () => {
  const bench = workbench();
  const { instance } = spawnBody();
  await spawn(spawnCommand({ instance }), bench);
  await assert.rejects(spawn(spawnCommand({ instance, generation: 2 }), bench), {
    kind: 'already-exists',
    details: { field: 'generation' },
  });
});

test('a spawn of a destroyed generation stays down and says which one would do', async () => {
  const bench = workbench();
  const { instance } = spawnBody();
  bench.tombstones.bury(instance.id, 3);
  await assert.rejects(spawn(spawnCommand({ instance, generation: 3 }), bench), { kind: 'conflict', message: /spawn generation 4$/ });
  assert.equal((await spawn(spawnCommand({ instance, generation: 4 }), bench)).generation, 4);
});

test('a failed start is the caller’s to hear, and leaves nothing', async () => {
  const bench = workbench();
  bench.driver.failNext('start', new ComputeError('exhausted', 'start: no memory'));
  await assert.rejects(spawn(spawnCommand(), bench), { kind: 'exhausted' });
  assert.equal(bench.driver.host.instances.size, 0);
});
