import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ComputeError } from '../../services/common/errors.js';
import { InstanceSpec } from '../../services/common/messages/instance-spec.js';
import { specHash } from '../../services/common/spec-hash.js';
import { takeAwayAfter } from '../support/take-away.js';
import { realLibvirtBench } from './real-libvirt.js';

/** The largest wish that the schema lets through: 64 TiB. */
const MORE_THAN_ANY_HOST_HAS = 64 * 1024 * 1024;

const hostPromisesAnything = readFileSync('/proc/sys/vm/overcommit_memory', 'utf8').trim() === '1';
const skip = hostPromisesAnything && 'this host promises any amount of memory (vm.overcommit_memory = 1)';

test('a guest that the host has no memory for is answered as exhausted, and leaves nothing', { skip }, async (t) => {
  const bench = await realLibvirtBench('qemu');
  takeAwayAfter(t, () => bench.close());
  const spec = InstanceSpec.parse({ id: randomUUID(), name: 'huge', vcpus: 1, memoryMiB: MORE_THAN_ANY_HOST_HAS });
  const deadline = Date.now() + 60_000;
  const wish = { spec, start: {}, specHash: specHash(spec), generation: 1, requestId: 'r', deadline };
  await assert.rejects(bench.driver.spawn(wish), (error: unknown) => {
    assert.ok(error instanceof ComputeError);
    assert.deepEqual([error.kind, error.details.step, error.details.cleanedUp], ['exhausted', 'start', ['domain', 'files']], error.message);
    return true;
  });
  assert.deepEqual(await bench.traces(spec.id), []);
});
