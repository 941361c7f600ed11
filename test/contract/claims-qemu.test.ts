import assert from 'node:assert/strict';
import { cpus } from 'node:os';
import { after, before, test } from 'node:test';
import * as libvirt from '@novalet/libvirt';
import { specHash } from '../../services/common/spec-hash.js';
import { LibvirtDriver } from '../../services/compute/virt/libvirt/libvirt-driver.js';
import { spawnBody } from '../support/commands.js';
import { unmeasured } from './libvirt-bench.js';
import { realLibvirtBench, type RealLibvirtBench } from './real-libvirt.js';

const LIMITS = { vcpuRatio: 16, memoryRatio: 1, memoryReserveMiB: 64, diskRatio: 1, diskReserveMiB: 0, pinnedCpus: null, sharedCpus: null };

let bench: RealLibvirtBench;
before(async () => void (bench = await realLibvirtBench('qemu')));
after(() => bench.close());

test('on QEMU claims are held against what libvirt and the file system say, and counted again the same', async () => {
  const { uri, stateDir, imageDir } = bench;
  const options = { uri, virtType: 'qemu', stateDir, imageDirs: [imageDir], metrics: unmeasured, claims: { limits: LIMITS } } as const;
  const { instance: spec } = spawnBody({ vcpus: 2, memoryMiB: 32, disks: [{ sizeMiB: 8 }], cpuTune: { pins: [[0], [0]] } });
  const request = { spec, start: {}, specHash: specHash(spec), generation: 1, requestId: 'r', deadline: Date.now() + 120_000 };
  const first = new LibvirtDriver(libvirt, options);
  const { claim, fits } = await first.preview(request);
  assert.ok(fits, JSON.stringify(claim));
  assert.equal(claim.find(({ resource }) => resource === 'pinned-cpus')?.total, cpus().length);
  assert.ok((claim.find(({ resource }) => resource === 'disk')?.total ?? 0) > 8);
  await first.spawn(request);
  const { instance: rival } = spawnBody({ cpuTune: { pins: [[0]] }, memoryMiB: 64 * 1024 * 1024 });
  await assert.rejects(first.spawn({ ...request, spec: rival, specHash: specHash(rival) }), {
    kind: 'exhausted',
    message: /memory: 67108864 MiB wanted, \d+ free of \d+ .*pinned-cpus: .* 0 another guest's/,
  });
  const taken = first.claims?.held();
  await first.close();
  const second = new LibvirtDriver(libvirt, options);
  await second.claims?.ready(Infinity);
  assert.deepEqual(second.claims?.held(), taken);
  assert.deepEqual(taken?.get(spec.id), { vcpus: 0, memoryMiB: 32, diskMiB: 8, pinnedCpus: [0] });
  await second.destroy(spec.id, { deadline: Date.now() + 60_000 });
  assert.equal(second.claims?.held().size, 0);
  await second.close();
});
