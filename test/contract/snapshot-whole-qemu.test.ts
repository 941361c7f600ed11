import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { InstanceSpec } from '../../services/common/messages/instance-spec.js';
import { specHash } from '../../services/common/spec-hash.js';
import { qemuImg } from '../../services/compute/virt/libvirt/qemu-img.js';
import { realLibvirtBench } from './real-libvirt.js';

const MIB = 1024 * 1024;
const MINUTE = 60_000;

test('a snapshot of a guest that runs holds what its disk shows, base included, and tells how far it is; called off, no job stays', async (t) => {
  const bench = await realLibvirtBench('qemu');
  const id = randomUUID();
  t.after(async () => {
    await bench.driver.destroy(id, { deadline: Date.now() + MINUTE });
    await bench.close();
  });
  await writeFile(path.join(bench.imageDir, 'base.img'), randomBytes(64 * MIB));
  const spec = InstanceSpec.parse({ id, name: 'guest', vcpus: 1, memoryMiB: 16, disks: [{ image: 'base.img', sizeMiB: 128 }] });
  await bench.driver.spawn({ spec, start: {}, specHash: specHash(spec), generation: 1, requestId: 'r', deadline: Date.now() + MINUTE });
  const off = new AbortController();
  const told: number[] = [];
  const request = () => ({ id, key: randomUUID(), deadline: Date.now() + MINUTE, device: 'vda' });
  const calledOff = bench.driver.snapshot({
    ...request(),
    name: 'off.qcow2',
    signal: off.signal,
    onProgress: ({ phase }) => phase === 'copy' && off.abort(new Error('called off')),
  });
  await assert.rejects(calledOff, /called off/);
  const onProgress = ({ bytes }: { bytes?: number }) => void (bytes !== undefined && told.push(bytes));
  const { snapshot, instance } = await bench.driver.snapshot({ ...request(), name: 'whole.qcow2', onProgress });
  assert.equal(instance.powerState, 'running');
  assert.equal((await stat(snapshot.file)).mode & 0o777, 0o640, 'what a guest wrote is not for everybody on the host');
  assert.match(
    await qemuImg(['compare', '-U', snapshot.file, path.join(bench.stateDir, 'instances', id, 'disk-0.qcow2')], MINUTE),
    /identical/,
  );
  assert.doesNotMatch(await qemuImg(['info', snapshot.file], MINUTE), /backing/);
  assert.deepEqual(
    told,
    [...told].sort((a, b) => a - b),
  );
});
