import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open } from '@novalet/libvirt';
import { withLibvirtd } from '../support/with-libvirtd.js';

const of8 = (...cpus: number[]): boolean[] => Array.from({ length: 8 }, (_, cpu) => cpus.includes(cpu));

test('a pinned CPU is where it was pinned: short maps are filled up, long ones cut', async (t) => {
  for (const uri of ['test:///default', (await withLibvirtd(t)).testUri]) {
    await using conn = await open(uri);
    const domain = await conn.lookupByName('test');
    assert.deepEqual(await domain.vcpuPinInfo(), [of8(0, 1, 2, 3, 4, 5, 6, 7), of8(0, 1, 2, 3, 4, 5, 6, 7)]);
    assert.equal(await domain.pinVcpu(0, [false, true]), 0);
    assert.equal(await domain.pinVcpu(1, [...of8(7), true, true, true]), 0);
    assert.deepEqual(await domain.vcpuPinInfo(), [of8(1), of8(7)]);
    const [vcpus, maps] = await domain.vcpus();
    assert.deepEqual(
      [vcpus.map(([number, state]) => [number, state]), maps],
      [
        [
          [0, 1],
          [1, 1],
        ],
        [of8(1), of8(7)],
      ],
    );
    assert.equal(await domain.pinEmulator([true, false, true]), 0);
    assert.deepEqual(await domain.emulatorPinInfo(), of8(0, 2));
    assert.deepEqual(await domain.ioThreadInfo(), []);
  }
});

test('a map that is none is refused, and a CPU that is none is libvirt’s to refuse', async () => {
  await using conn = await open('test:///default');
  const domain = await conn.lookupByName('test');
  await assert.rejects(domain.pinVcpu(0, 3 as never), new TypeError('virDomainPinVcpu: cpumap must be an array of booleans, not 3'));
  await assert.rejects(domain.pinVcpu(9, [true]), { name: 'libvirtError' });
});
