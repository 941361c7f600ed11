import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { digestOf, gives } from '../../../support/image-server.js';
import { temporaryDirectory } from '../virt/libvirt/temporary-directory.js';
import { cacheBench, KIB } from './cache-bench.js';

const MIB = KIB * KIB;

function maker(t: TestContext) {
  const directory = temporaryDirectory(t);
  return {
    directory,
    /** The bytes of an image that qemu-img makes. */
    made: (...args: string[]): Buffer => {
      const file = `${directory}/made`;
      execFileSync('qemu-img', ['create', '-q', ...args, file, '4M']);
      return readFileSync(file);
    },
  };
}

for (const format of ['vmdk', 'vdi', 'vpc', 'vhdx'] as const) {
  test(`${format} becomes qcow2, once, and both digests lead to it`, async (t) => {
    const { server, use, partials } = await cacheBench(t);
    const bytes = maker(t).made('-f', format);
    const wish = { url: server.on('/a', gives(bytes)), sha256: digestOf(bytes), format };
    const first = await use(wish);
    assert.deepEqual([first.format, first.facts], ['qcow2', { sha256: wish.sha256, format }]);
    assert.ok(first.virtualSizeBytes >= 4 * MIB);
    const second = await use(wish);
    assert.deepEqual([second.file, second.fetched, partials(), server.requests.length], [first.file, false, [], 1]);
    execFileSync('qemu-img', ['check', '-q', first.file]);
  });
}

test('an image that is fetched is looked at once, and not again under its name in the cache', async (t) => {
  const { server, use } = await cacheBench(t);
  const { directory, made } = maker(t);
  const url = server.on('/a', gives(made('-f', 'qcow2')));
  const calls = `${directory}/calls`;
  firstInPath(t, directory, `echo "$1" >> '${calls}'; PATH='${process.env['PATH']}' exec qemu-img "$@"`);
  (await use({ url })).release();
  assert.deepEqual(readFileSync(calls, 'utf8'), 'info\ncheck\n');
});

test('an answer of qemu-img that was cut short says nothing about the image', async (t) => {
  const { server, use } = await cacheBench(t);
  const { directory, made } = maker(t);
  const url = server.on('/a', gives(made('-f', 'qcow2')));
  firstInPath(t, directory, 'exit 0');
  await assert.rejects(use({ url }), { kind: 'unavailable', message: /qemu-img info: its answer cannot be read/ });
});

/** A qemu-img that is this script. */
function firstInPath(t: TestContext, directory: string, script: string): void {
  const path = process.env['PATH'];
  writeFileSync(`${directory}/qemu-img`, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  t.after(() => (process.env['PATH'] = path));
  process.env['PATH'] = `${directory}:${path}`;
}

test('how far a conversion has come is told', async (t) => {
  const { server, use } = await cacheBench(t);
  const phases = new Set<string>();
  await use({ url: server.on('/a', gives(maker(t).made('-f', 'vmdk'))) }, { onProgress: ({ phase }) => void phases.add(phase) });
  assert.deepEqual([...phases], ['download', 'convert', 'verify']);
});

/** A header of qcow2 with one thing wrong. */
function qcow2With(t: TestContext, at: number, value: bigint | number): Buffer {
  const bytes = maker(t).made('-f', 'qcow2');
  if (typeof value === 'bigint') bytes.writeBigUInt64BE(value, at);
  else bytes.writeUInt32BE(value, at);
  return bytes;
}

/** An image whose blocks reach to its end. */
function whole(t: TestContext, format = 'qcow2'): Buffer {
  const options = format === 'vhdx' ? ['-o', 'block_size=1M'] : []; // else its last block is mostly zeros, which may be missing
  const directory = temporaryDirectory(t);
  writeFileSync(`${directory}/raw`, randomBytes(MIB));
  execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', format, ...options, `${directory}/raw`, `${directory}/made`]);
  return readFileSync(`${directory}/made`);
}

/** A raw disk of so many sectors with a table of partitions that needs others. */
function partitioned(kind: 'gpt' | 'mbr', sectors: number, needed: number): Buffer {
  const disk = Buffer.alloc(sectors * 512);
  disk.writeUInt16LE(0xaa55, 510);
  disk.writeUInt8(kind === 'gpt' ? 0xee : 0x83, 446 + 4);
  disk.writeUInt32LE(1, 446 + 8);
  disk.writeUInt32LE(kind === 'gpt' ? 0xffffffff : needed - 1, 446 + 12);
  if (kind === 'gpt') disk.write('EFI PART', 512, 'latin1');
  if (kind === 'gpt') disk.writeBigUInt64LE(BigInt(needed - 1), 512 + 32);
  return disk;
}

const HOSTILE: readonly [what: string, bytes: (t: TestContext) => Buffer, words: RegExp][] = [
  ['with a backing file', (t) => maker(t).made('-f', 'qcow2', '-u', '-F', 'raw', '-b', '/etc/passwd'), /needs another file/],
  ['with a backing file, as qed', (t) => maker(t).made('-f', 'qed', '-u', '-F', 'raw', '-b', '/etc/passwd'), /qed/],
  [
    'with a data file',
    (t) => {
      const { made, directory } = maker(t);
      return made('-f', 'qcow2', '-o', `data_file=${directory}/data`);
    },
    /needs another file/,
  ],
  ['with features that nobody knows', (t) => qcow2With(t, 72, 1n << 40n), /features/],
  ['that says it is corrupt', (t) => qcow2With(t, 72, 1n << 1n), /corrupt/],
  ['that is encrypted', (t) => qcow2With(t, 32, 2), /encrypted/],
  ['of version 1', (t) => qcow2With(t, 4, 1), /version 1/],
  ['with a table larger than its disk needs', (t) => qcow2With(t, 36, 0x7fffffff), /qemu-img info/],
  [
    'that is a vmdk naming files',
    () =>
      Buffer.from('# Disk DescriptorFile\nversion=1\nCID=1\nparentCID=ffffffff\ncreateType="monolithicFlat"\nRW 8 FLAT "/etc/passwd" 0\n'),
    /needs another file/,
  ],
  ['that is a vmdk in several files', (t) => maker(t).made('-f', 'vmdk', '-o', 'subformat=monolithicFlat'), /needs another file/],
  ['of another format', (t) => maker(t).made('-f', 'parallels'), /parallels/],
  ['of no bytes', () => Buffer.alloc(0), /empty/],
  ['that was cut short behind its header', (t) => whole(t).subarray(0, 3000), /cut short/],
  ...(['vdi', 'vpc', 'vmdk', 'vhdx'] as const).map((format): (typeof HOSTILE)[number] => [
    `that is ${format} and was cut short at a sector`,
    (t) => whole(t, format).subarray(0, -200 * KIB),
    /cut short|been truncated/,
  ]),
  ['that is raw and ends before its GPT', () => partitioned('gpt', 64, 65), /cut short.*33280 bytes, and it has 32768/],
  ['that is raw and ends before its partitions', () => partitioned('mbr', 64, 65), /cut short.*say that its format is raw/],
  ['that was cut short among its clusters', (t) => whole(t).subarray(0, 700 * KIB), /cut short/],
];

for (const [what, bytes, words] of HOSTILE) {
  test(`an image ${what} is refused and not kept`, async (t) => {
    const { server, use, partials } = await cacheBench(t);
    await assert.rejects(use({ url: server.on('/a', gives(bytes(t))) }), { kind: 'invalid', message: words });
    assert.deepEqual(partials(), []);
  });
}

test('a disk larger than may be is refused, however few bytes it comes in', async (t) => {
  const { server, use } = await cacheBench(t, {}, 64 * MIB);
  const file = `${temporaryDirectory(t)}/bomb`;
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', file, '1T']);
  await assert.rejects(use({ url: server.on('/a', gives(readFileSync(file))) }), {
    kind: 'invalid',
    message: /NOVALET_IMAGE_MAX_DISK_BYTES/,
  });
});

test('a page of text, and what ends within a sector, are raw only for who says so or names its digest', async (t) => {
  const { server, use } = await cacheBench(t);
  for (const page of [Buffer.from('<html>gone</html>\n'), Buffer.alloc(700)]) {
    const url = server.on(`/${page.length}`, gives(page));
    await assert.rejects(use({ url }), { kind: 'invalid', message: /looks like no image.*say that its format is raw/ });
    (await use({ url, format: 'raw' })).release();
    (await use({ url, sha256: digestOf(page) })).release();
    await assert.rejects(use({ url }), { kind: 'invalid' });
  }
});

for (const format of ['vdi', 'vpc', 'vmdk', 'vhdx']) {
  test(`${format} that is full to its last block is taken`, async (t) => {
    const { server, use } = await cacheBench(t);
    (await use({ url: server.on('/a', gives(whole(t, format))) })).release();
  });
}

test('a raw disk that has all that its partitions need is taken, and a shorter one for who says that it is raw', async (t) => {
  const { server, use } = await cacheBench(t);
  for (const [kind, needed] of [
    ['gpt', 64],
    ['gpt', 40],
    ['mbr', 64],
  ] as const)
    (await use({ url: server.on(`/${kind}${needed}`, gives(partitioned(kind, 64, needed))) })).release();
  (await use({ url: server.on('/short', gives(partitioned('mbr', 64, 65))), format: 'raw' })).release();
});

test('a format that is not what was said is refused', async (t) => {
  const { server, use } = await cacheBench(t);
  const url = server.on('/a', gives(maker(t).made('-f', 'qcow2')));
  await assert.rejects(use({ url, format: 'raw' }), { kind: 'invalid', message: /is qcow2 and not raw/ });
  (await use({ url, format: 'qcow2' })).release();
});

test('a conversion that becomes larger than the cache ends, and leaves nothing', async (t) => {
  const { server, use, partials } = await cacheBench(t, { limitBytes: 900 * KIB });
  const directory = temporaryDirectory(t);
  writeFileSync(`${directory}/raw`, Buffer.alloc(4 * MIB, 7));
  execFileSync('qemu-img', [
    'convert',
    '-f',
    'raw',
    '-O',
    'vmdk',
    '-o',
    'subformat=streamOptimized',
    `${directory}/raw`,
    `${directory}/vmdk`,
  ]);
  await assert.rejects(use({ url: server.on('/a', gives(readFileSync(`${directory}/vmdk`))) }), { kind: 'exhausted' });
  assert.deepEqual(
    partials().filter((name) => name.endsWith('.qcow2')),
    [],
  );
});
