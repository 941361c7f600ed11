import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test, type TestContext } from 'node:test';
import { InstanceSpec } from '../../../../../services/common/messages/instance-spec.js';
import { specHash } from '../../../../../services/common/spec-hash.js';
import { LibvirtDriver } from '../../../../../services/compute/virt/libvirt/libvirt-driver.js';
import { PretendedLibvirt } from './pretended-libvirt.js';
import { temporaryDirectory } from './temporary-directory.js';

const soon = () => Date.now() + 10_000;

function workbench(t: TestContext) {
  const libvirt = new PretendedLibvirt();
  const metrics = { observe: () => {}, connectionState: () => {} };
  const worker = (host: string | undefined, stateDir = temporaryDirectory(t)) => {
    const options = { uri: 'pretended:///', virtType: 'qemu', stateDir, imageDirs: [stateDir], metrics } as const;
    const driver = new LibvirtDriver(libvirt, { ...options, ...(host !== undefined && { host }) });
    t.after(() => driver.close());
    return { driver, stateDir };
  };
  const spec = InstanceSpec.parse({ id: randomUUID(), name: 'guest', vcpus: 1, memoryMiB: 16 });
  const wish = () => ({ spec, start: {}, specHash: specHash(spec), generation: 1, requestId: 'r', deadline: soon() });
  return { libvirt, worker, wish, id: spec.id };
}

test('a worker leaves the guests of another worker on the same libvirt alone', async (t) => {
  const { libvirt, worker, wish, id } = workbench(t);
  await worker('host-a').driver.spawn(wish());
  const { driver: other } = worker('host-b');
  await assert.rejects(other.stop({ id, key: 'k', deadline: soon(), graceMs: 0 }), { kind: 'conflict' });
  await assert.rejects(other.destroy(id, { deadline: soon() }), { kind: 'conflict', message: /not made by this worker/ });
  await assert.rejects(other.spawn(wish()), { kind: 'already-exists' });
  assert.equal(await other.find(id), null);
  libvirt.defineForeign(randomUUID());
  const { sightings, foreign, ofOtherWorkers } = await other.survey();
  assert.deepEqual([sightings, foreign, ofOtherWorkers], [[], 2, 1]);
  assert.equal(libvirt.domains.get(id)?.state, 1);
});

test('a host that was renamed goes on with the guests of its state directory', async (t) => {
  const { worker, wish, id } = workbench(t);
  const { stateDir } = worker('host-a');
  await worker('host-a', stateDir).driver.spawn(wish());
  const { driver } = worker('host-z', stateDir);
  assert.equal((await driver.survey()).sightings.length, 1);
  assert.ok((await driver.destroy(id, { deadline: soon() })).removed.includes('domain'));
});

test('a guest of which nobody wrote down who made it is ours, as it was', async (t) => {
  const { worker, wish, id } = workbench(t);
  await worker(undefined).driver.spawn(wish());
  const { driver } = worker('host-a');
  assert.equal((await driver.survey()).sightings.length, 1);
  assert.ok((await driver.destroy(id, { deadline: soon() })).removed.includes('domain'));
});
