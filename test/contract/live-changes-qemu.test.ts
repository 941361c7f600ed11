import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { InstanceSpec } from '../../services/common/messages/instance-spec.js';
import { specHash } from '../../services/common/spec-hash.js';
import { realLibvirtBench } from './real-libvirt.js';

test('a guest of QEMU gets a larger disk and gives memory back as it runs, and says where its screen is', async (t) => {
  const bench = await realLibvirtBench('qemu');
  const spec = InstanceSpec.parse({
    id: randomUUID(),
    name: 'guest',
    vcpus: 1,
    memoryMiB: 32,
    disks: [{ sizeMiB: 1 }],
    devices: { vnc: 'on' },
  });
  const deadline = Date.now() + 60_000;
  t.after(async () => {
    await bench.driver.destroy(spec.id, { deadline });
    await bench.close();
  });
  await bench.driver.spawn({ spec, start: {}, specHash: specHash(spec), generation: 1, requestId: 'r', deadline });
  const steps: string[] = [];
  const wanted = { memoryMiB: 24, disks: [{ device: 'vda', sizeMiB: 8 }], mode: 'live', graceMs: 0 } as const;
  await bench.driver.resize({ id: spec.id, key: 'r-1', deadline, ...wanted }, (step) => steps.push(step));
  assert.deepEqual(steps, ['resizeLive', 'record']);
  assert.equal(await bench.diskMiB(spec.id, 'vda'), 8);
  const { vnc } = await bench.driver.consoleAddress({ id: spec.id, deadline });
  assert.deepEqual([vnc?.address, Number(vnc?.port) >= 5900], ['127.0.0.1', true]);
});
