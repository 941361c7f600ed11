import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { waitUntil } from '../../ops/private/wait-until.js';
import { InstanceSpec } from '../../services/common/messages/instance-spec.js';
import { specHash } from '../../services/common/spec-hash.js';
import { realLibvirtBench } from './real-libvirt.js';

const MINUTE = 60_000;

/** A disk whose boot sector writes its letter, which is at 0x40, on the first serial port: ds=0; load [7c40]; out 3f8; halt. */
function bootDisk(letter: string): Buffer {
  const disk = Buffer.alloc(1024 * 1024);
  disk.write('31c08ed8a0407cbaf803eef4ebfd', 'hex');
  disk.write(letter, 0x40);
  disk.writeUInt16LE(0xaa55, 510);
  return disk;
}

test('a guest boots the rescue image and not its own disk, then its own, then the one that was made anew', async (t) => {
  const bench = await realLibvirtBench('qemu');
  const ids: string[] = [];
  t.after(async () => {
    for (const id of ids) await bench.driver.destroy(id, { deadline: Date.now() + MINUTE });
    await bench.close();
  });
  for (const letter of ['D', 'N', 'R']) await writeFile(path.join(bench.imageDir, `${letter}.img`), bootDisk(letter));
  for (const bus of ['virtio', 'sata', 'scsi'] as const) {
    const id = randomUUID();
    ids.push(id);
    const spec = InstanceSpec.parse({ id, name: 'guest', vcpus: 1, memoryMiB: 32, disks: [{ image: 'D.img', bus }] });
    const request = () => ({ id, key: randomUUID(), deadline: Date.now() + MINUTE, graceMs: 0 });
    const log = path.join(bench.stateDir, 'instances', id, 'console.log');
    const boots = (letter: string) =>
      waitUntil(`the guest on ${bus} booting ${letter}`, async () => /[DNR]$/.exec(await readFile(log, 'utf8'))?.[0] === letter);
    await bench.driver.spawn({ spec, start: {}, specHash: specHash(spec), generation: 1, requestId: 'r', deadline: Date.now() + MINUTE });
    await boots('D');
    await bench.driver.rescue({ ...request(), image: 'R.img' });
    await boots('R');
    await bench.driver.unrescue(request());
    await boots('D');
    await bench.driver.rebuild({ ...request(), disks: [{ device: bus === 'virtio' ? 'vda' : 'sda', image: 'N.img' }] });
    await boots('N');
  }
});
