import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import * as libvirt from '@novalet/libvirt';
import { waitUntil } from '../../ops/private/wait-until.js';
import { InstanceSpec, type StartOptions } from '../../services/common/messages/instance-spec.js';
import { specHash } from '../../services/common/spec-hash.js';
import { LibvirtDriver } from '../../services/compute/virt/libvirt/libvirt-driver.js';
import { unmeasured } from './libvirt-bench.js';
import { realLibvirtBench, type RealLibvirtBench } from './real-libvirt.js';

const MINUTE = 60_000;

describe('start flags on QEMU', () => {
  let bench: RealLibvirtBench;
  before(async () => {
    bench = await realLibvirtBench('qemu');
  });
  after(() => bench?.close());

  const request = (start: StartOptions) => {
    const spec = InstanceSpec.parse({ id: randomUUID(), name: 'flags', ...bench.sizes });
    return { spec, start, specHash: specHash(spec), generation: 1, requestId: 'req-1', deadline: Date.now() + MINUTE };
  };
  const destroy = (id: string) => bench.driver.destroy(id, { deadline: Date.now() + MINUTE });

  test('a guest with autodestroy ends with the worker that started it', async () => {
    const { uri, stateDir } = bench;
    const worker = new LibvirtDriver(libvirt, { uri, virtType: 'qemu', stateDir, imageDirs: [], metrics: unmeasured });
    const wish = request({ autodestroy: true });
    assert.equal((await worker.spawn(wish)).powerState, 'running');
    await worker.close();
    await waitUntil('the guest is off', async () => (await bench.driver.find(wish.spec.id))?.powerState === 'shutdown');
    await destroy(wish.spec.id);
  });

  for (const flag of ['bypassCache', 'forceBoot'] as const) {
    test(`a guest starts with ${flag}`, async () => {
      const wish = request({ [flag]: true });
      assert.equal((await bench.driver.spawn(wish)).powerState, 'running');
      await destroy(wish.spec.id);
    });
  }
});
