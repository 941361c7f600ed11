import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { asComputeError, ComputeError } from '../../services/common/errors.js';
import { InstanceSpec } from '../../services/common/messages/instance-spec.js';
import { specHash } from '../../services/common/spec-hash.js';
import { waitUntil } from '../../ops/private/wait-until.js';
import { realLibvirtBench } from './real-libvirt.js';

/** A qemu-img that takes a minute over every disk, first on the path; it leaves a file where it has begun. */
async function withSlowQemuImg(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'novalet-slow-'));
  await chmod(directory, 0o777);
  const begun = join(directory, 'begun');
  await writeFile(join(directory, 'qemu-img'), `#!/bin/sh\necho $$ > ${begun}.part; mv ${begun}.part ${begun}\nexec sleep 60\n`, {
    mode: 0o755,
  });
  const path = process.env['PATH'];
  process.env['PATH'] = `${directory}:${path}`;
  t.after(async () => {
    process.env['PATH'] = path;
    await rm(directory, { recursive: true });
  });
  return begun;
}

test('a spawn in the middle of a large disk is called off within three seconds, its qemu-img with it, and nothing is left', async (t) => {
  const bench = await realLibvirtBench('test');
  t.after(() => bench.close());
  const begun = await withSlowQemuImg(t);
  const spec = InstanceSpec.parse({ id: randomUUID(), name: 'guest', vcpus: 1, memoryMiB: 16, disks: [{ sizeMiB: 1 }, { sizeMiB: 2 }] });
  const unwanted = new AbortController();
  const request = { spec, start: {}, specHash: specHash(spec), generation: 1, requestId: 'r', deadline: Date.now() + 60_000 };
  const spawn = bench.driver.spawn({ ...request, signal: unwanted.signal }).then(() => assert.fail('it was done'), asComputeError);
  const pid = await waitUntil('qemu-img', () => readFile(begun, 'utf8').catch(() => undefined));
  const from = performance.now();
  unwanted.abort(new ComputeError('cancelled', 'called off by the test'));
  const error = await spawn;
  assert.ok(performance.now() - from < 3000);
  assert.deepEqual([error.kind, error.details.step, error.details.cleanedUp], ['cancelled', 'disks', ['files']]);
  assert.deepEqual(await bench.traces(spec.id), []);
  assert.throws(() => process.kill(Number(pid), 0), { code: 'ESRCH' });
});
