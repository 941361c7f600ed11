import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import * as libvirt from '@novalet/libvirt';
import { InstanceSpec } from '../../services/common/messages/instance-spec.js';
import { specHash } from '../../services/common/spec-hash.js';
import { LibvirtDriver } from '../../services/compute/virt/libvirt/libvirt-driver.js';
import { unmeasured } from './libvirt-bench.js';
import { realLibvirtBench, type RealLibvirtBench } from './real-libvirt.js';

const LIMITS = { vcpuRatio: 16, memoryRatio: 1, memoryReserveMiB: 64, diskRatio: 1, diskReserveMiB: 0, pinnedCpus: null, sharedCpus: null };

let bench: RealLibvirtBench;
before(async () => void (bench = await realLibvirtBench('qemu')));
after(() => bench.close());

test('a disk for which the guest has no port left is refused with the way out, and neither its file nor its claim is kept', async (t) => {
  const { uri, stateDir, imageDir } = bench;
  const options = { uri, virtType: 'qemu', stateDir, imageDirs: [imageDir], metrics: unmeasured, claims: { limits: LIMITS } } as const;
  const driver = new LibvirtDriver(libvirt, options);
  const spec = InstanceSpec.parse({ id: randomUUID(), name: 'guest', vcpus: 1, memoryMiB: 16, devices: { pciePorts: 1 } });
  const limit = () => Date.now() + 60_000;
  await driver.spawn({ spec, start: {}, specHash: specHash(spec), generation: 1, requestId: 'r', deadline: limit() });
  t.after(async () => {
    await driver.destroy(spec.id, { deadline: limit() });
    await driver.close();
  });
  const attach = (device: string) => driver.attachDisk({ id: spec.id, key: randomUUID(), deadline: limit(), device, disk: { sizeMiB: 8 } });
  const disks = async () => (await readdir(path.join(stateDir, 'instances', spec.id))).filter((name) => name.startsWith('disk-'));

  await attach('vdb');
  for (const device of ['vdc', 'vdd']) await assert.rejects(attach(device), { kind: 'exhausted', message: /devices\.pciePorts/ });
  assert.deepEqual(await disks(), ['disk-vdb.qcow2']);
  await driver.claims?.settled();
  assert.deepEqual(driver.claims?.held().get(spec.id), { vcpus: 1, memoryMiB: 16, diskMiB: 8, pinnedCpus: [] });

  await driver.stop({ id: spec.id, key: randomUUID(), deadline: limit(), graceMs: 0 });
  await attach('vdc');
  await driver.start({ id: spec.id, key: randomUUID(), deadline: limit(), start: {} });
  assert.deepEqual((await bench.devicesOf(spec.id)).now, ['vdb', 'vdc']);
});
