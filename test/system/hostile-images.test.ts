import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { InstanceSpec } from '../../services/common/messages/instance-spec.js';
import { specHash } from '../../services/common/spec-hash.js';
import type { LibvirtBench } from '../contract/libvirt-bench.js';
import { realLibvirtBench } from '../contract/real-libvirt.js';

const MINUTE = 60_000;
const MIB = 1024 * 1024;

let bench: LibvirtBench;
before(async () => {
  bench = await realLibvirtBench('qemu');
});
after(() => bench?.close());

async function runsFrom(image: string): Promise<void> {
  const spec = InstanceSpec.parse({ id: randomUUID(), name: 'guest', ...bench.sizes, disks: [{ image, sizeMiB: 8 }] });
  const deadline = Date.now() + MINUTE;
  const state = await bench.driver.spawn({ spec, start: {}, specHash: specHash(spec), generation: 1, requestId: 'r', deadline });
  assert.equal(state.powerState, 'running');
  await bench.driver.destroy(spec.id, { deadline });
  assert.deepEqual(await bench.traces(spec.id), []);
}

for (const name of ['a,b=c.img', 'nbd:x:1', 'json:{"driver":"null-co"}', "-b $(id) `id` <&>'.img", 'fat:rw:🦆']) {
  test(`QEMU runs from an overlay over an image named ${name}`, async () => {
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', path.join(bench.imageDir, name), '4M']);
    await runsFrom(name);
  });
}

test('QEMU runs from an overlay over a raw image', async () => {
  writeFileSync(path.join(bench.imageDir, 'raw'), Buffer.alloc(MIB));
  await runsFrom('raw');
});
