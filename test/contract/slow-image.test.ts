import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { asComputeError, ComputeError } from '../../services/common/errors.js';
import { InstanceSpec } from '../../services/common/messages/instance-spec.js';
import { specHash } from '../../services/common/spec-hash.js';
import { slowQemuImg } from '../support/slow-qemu-img.js';
import { takeAwayAfter } from '../support/take-away.js';
import { realLibvirtBench } from './real-libvirt.js';

test('a spawn in the middle of a large disk is called off within three seconds, its qemu-img with it, and nothing is left', async (t) => {
  const bench = await realLibvirtBench('test');
  takeAwayAfter(t, () => bench.close());
  const slow = await slowQemuImg(t);
  process.env['PATH'] = slow.path;
  const spec = InstanceSpec.parse({ id: randomUUID(), name: 'guest', vcpus: 1, memoryMiB: 16, disks: [{ sizeMiB: 1 }, { sizeMiB: 2 }] });
  const unwanted = new AbortController();
  const request = { spec, start: {}, specHash: specHash(spec), generation: 1, requestId: 'r', deadline: Date.now() + 60_000 };
  const spawn = bench.driver.spawn({ ...request, signal: unwanted.signal }).then(() => assert.fail('it was done'), asComputeError);
  const pid = await slow.started();
  const from = performance.now();
  unwanted.abort(new ComputeError('cancelled', 'called off by the test'));
  const error = await spawn;
  assert.ok(performance.now() - from < 3000);
  assert.deepEqual([error.kind, error.details.step, error.details.cleanedUp], ['cancelled', 'disks', ['files']]);
  assert.deepEqual(await bench.traces(spec.id), []);
  assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
});
