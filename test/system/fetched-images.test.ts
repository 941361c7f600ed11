import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { waitUntil } from '../../ops/private/wait-until.js';
import { InstanceSpec } from '../../services/common/messages/instance-spec.js';
import { specHash } from '../../services/common/spec-hash.js';
import type { SpawnRequest } from '../../services/compute/ports.js';
import type { LibvirtBench } from '../contract/libvirt-bench.js';
import { realLibvirtBench } from '../contract/real-libvirt.js';
import { digestOf, gives, stallsAfter } from '../support/image-server.js';

const MINUTE = 60_000;
/** A boot sector that writes a word on the serial port, and stands still: what SeaBIOS boots is what it really read of the disk. */
const WORD = 'BOOTED-FROM-THE-CACHE\n';

let bench: LibvirtBench;
before(async () => {
  bench = await realLibvirtBench('qemu');
});
after(() => bench?.close());

function bootable(): Buffer {
  const code = [
    ...[0xfa, 0xfc, 0x31, 0xc0, 0x8e, 0xd8], // cli; cld; ds = 0
    ...[0xbe, 0x1c, 0x7c], // si = the word, behind this code
    ...[0xac, 0x84, 0xc0, 0x74, 0x0c], // next: al = *si++; if 0, stand still
    ...[0x88, 0xc4, 0xba, 0xf8, 0x03, 0x88, 0xe0, 0xee], // dx = COM1; out al
    ...[0xeb, 0xf1, 0x90, 0x90], // jmp next
    ...[0xf4, 0xeb, 0xfd], // hlt, for ever
  ];
  const sector = Buffer.alloc(4 * 1024 * 1024);
  Buffer.from(code).copy(sector);
  sector.write(WORD, 0x1c, 'latin1');
  sector.writeUInt16LE(0xaa55, 510);
  return sector;
}

/** As a server has it: qcow2, compressed. */
function qcow2(raw: Buffer, format = 'qcow2'): Buffer {
  const [from, to] = [path.join(bench.imageDir, 'from'), path.join(bench.imageDir, 'to')];
  writeFileSync(from, raw);
  execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', format, from, to]);
  return readFileSync(to);
}

function request(image: object, more: Partial<SpawnRequest> = {}): SpawnRequest {
  const spec = InstanceSpec.parse({ id: randomUUID(), name: 'guest', ...bench.sizes, disks: [{ image, sizeMiB: 8 }] });
  return { spec, start: {}, specHash: specHash(spec), generation: 1, requestId: 'r', deadline: Date.now() + MINUTE, ...more };
}

const destroy = (id: string) => bench.driver.destroy(id, { deadline: Date.now() + MINUTE });
const console = async (id: string) => (await bench.driver.console({ id, maxBytes: 4096, deadline: Date.now() + MINUTE })).text ?? '';

for (const format of ['qcow2', 'raw', 'vmdk']) {
  test(`a guest boots from an overlay over a ${format} image that was fetched`, async () => {
    const bytes = format === 'raw' ? bootable() : qcow2(bootable(), format);
    const wish = request({ url: bench.server.on(`/${format}`, gives(bytes)) });
    const { id } = wish.spec;
    const state = await bench.driver.spawn(wish);
    assert.deepEqual(state.images, [{ disk: 0, sha256: digestOf(bytes), format }]);
    await waitUntil('the word of the boot sector', async () => (await console(id)).includes(WORD.trim()), { timeoutMs: MINUTE });
    assert.deepEqual((await bench.driver.spawn(wish)).images, state.images);
    await destroy(id);
    assert.deepEqual(await bench.traces(id), []);
  });
}

test('two spawns of one image fetch it once', async () => {
  const bytes = qcow2(Buffer.alloc(1024 * 1024, 7));
  const url = bench.server.on('/both', gives(bytes));
  const wishes = [request({ url }), request({ url })];
  await Promise.all(wishes.map((wish) => bench.driver.spawn(wish)));
  assert.equal(bench.server.requests.filter((asked) => asked.path === '/both').length, 1);
  for (const { spec } of wishes) await destroy(spec.id);
});

test('a guest whose base was changed while it was off is not started, and is once the base is mended', async () => {
  const bytes = qcow2(Buffer.alloc(1024 * 1024, 9));
  const image = { url: bench.server.on('/harmed', gives(bytes)), sha256: digestOf(bytes) };
  const wish = request(image);
  const { id } = wish.spec;
  await bench.driver.spawn(wish);
  const change = (key: string) => ({ id, key, deadline: Date.now() + MINUTE });
  await bench.driver.stop({ ...change('off'), graceMs: 0 });
  writeFileSync(path.join(bench.stateDir, 'image-cache/images', image.sha256), 'harm', { flag: 'r+' });
  await assert.rejects(bench.driver.start({ ...change('on'), start: {} }), { kind: 'precondition', message: /image.prefetch/ });
  await bench.driver.prefetch({ image, deadline: Date.now() + MINUTE });
  assert.equal((await bench.driver.start({ ...change('on'), start: {} })).powerState, 'running');
  await destroy(id);
});

test('a spawn that is called off in the middle of its download ends at once, and leaves nothing but the bytes', async () => {
  const bytes = Buffer.alloc(1024 * 1024, 5);
  const partials = () => readdirSync(path.join(bench.stateDir, 'image-cache/partial'));
  const stalls = stallsAfter(bytes, 512 * 1024);
  const url = bench.server.url('/slow');
  const calledOff = new AbortController();
  const wish = request({ url });
  const began = new Promise<void>((resolve) => bench.server.on('/slow', (...asked) => (resolve(), stalls(...asked))));
  const spawned = bench.driver.spawn({ ...wish, signal: calledOff.signal });
  await began;
  await waitUntil('some bytes', () => Promise.resolve(partials().length > 0));
  calledOff.abort(new Error('destroyed'));
  await assert.rejects(spawned, /destroyed/);
  assert.deepEqual(await bench.traces(wish.spec.id), []);
  assert.ok(partials().length > 0);
});
