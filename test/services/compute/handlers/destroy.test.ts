import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ComputeError } from '../../../../services/common/errors.js';
import { destroy } from '../../../../services/compute/handlers/destroy.js';
import { spawn } from '../../../../services/compute/handlers/spawn.js';
import { MemoryTombstones } from '../../../../services/compute/tombstones/memory-tombstones.js';
import { FakeDriver } from '../../../../services/compute/virt/fake/fake-driver.js';
import { destroyCommand, spawnBody, spawnCommand } from '../../../support/commands.js';

const workbench = () => ({ driver: new FakeDriver(), tombstones: new MemoryTombstones() });

test('a destroy takes the instance away, and a second one finds nothing', async () => {
  const bench = workbench();
  const { instanceId } = await spawn(spawnCommand(), bench);
  assert.equal((await destroy(destroyCommand(instanceId), bench)).existed, true);
  assert.equal(bench.driver.host.instances.size, 0);
  assert.deepEqual(await destroy({ ...destroyCommand(instanceId), messageId: 'm-3' }, bench), { instanceId, existed: false, removed: [] });
});

test('the tombstone is there before anything is taken away', async () => {
  const bench = workbench();
  const { instanceId } = await spawn(spawnCommand(spawnBody({}, { generation: 5 })), bench);
  bench.driver.failNext('stop', new ComputeError('unavailable', 'stop: libvirt went away'));
  await assert.rejects(destroy(destroyCommand(instanceId), bench), { kind: 'unavailable' });
  assert.equal(bench.tombstones.generationOf(instanceId), 5);
});

test('a spawn that comes after its destroy stays down', async () => {
  const bench = workbench();
  const late = spawnCommand();
  await destroy(destroyCommand(late.body.instance.id), bench);
  await assert.rejects(spawn(late, bench), { kind: 'conflict' });
  assert.equal(bench.driver.host.instances.size, 0);
});

test('a destroy of an earlier generation leaves the later one alone', async () => {
  const bench = workbench();
  const { instanceId } = await spawn(spawnCommand(spawnBody({}, { generation: 2 })), bench);
  const result = await destroy(destroyCommand(instanceId, { generation: 1 }), bench);
  assert.equal(result.existed, false);
  assert.equal(bench.driver.host.instances.size, 1);
});

test('a destroy that was cut off and comes again after the next generation’s spawn leaves that alone', async () => {
  const bench = workbench();
  const { instanceId: id } = await spawn(spawnCommand(), bench);
  await destroy(destroyCommand(id), bench);
  await spawn(spawnCommand(spawnBody({ id }, { generation: 2 })), bench);
  assert.equal((await destroy(destroyCommand(id), bench)).existed, false);
  assert.equal(bench.driver.host.instances.size, 1);
});

test('somebody else’s domain of the same id is not touched', async () => {
  const bench = workbench();
  const { instance } = spawnBody();
  bench.driver.host.foreign.add(instance.id);
  await assert.rejects(destroy(destroyCommand(instance.id), bench), { kind: 'conflict' });
  assert.ok(bench.driver.host.foreign.has(instance.id));
});
