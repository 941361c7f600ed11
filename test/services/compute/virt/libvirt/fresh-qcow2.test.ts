import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { type FreshQcow2, FreshQcow2Files } from '../../../../../services/compute/virt/libvirt/fresh-qcow2.js';
import { temporaryDirectory } from './temporary-directory.js';

const MIB = 1024 * 1024;
const TIMEOUT_MS = 10_000;

const bytesOf = (file: string) => readFileSync(file);

for (const [what, wish] of Object.entries<(base: string) => FreshQcow2>({
  'an empty disk': () => ({ sizeBytes: 64 * MIB }),
  'an overlay': (file) => ({ base: { file, format: 'qcow2', virtualSizeBytes: 8 * MIB } }),
  'a grown overlay': (file) => ({ base: { file, format: 'qcow2', virtualSizeBytes: 8 * MIB }, sizeBytes: 100_000 * MIB }),
})) {
  test(`the second of a kind is what qemu-img would have made, byte for byte: ${what}`, async (t) => {
    const directory = temporaryDirectory(t);
    const at = (name: string) => path.join(directory, name);
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', at('base'), '8M']);
    const files = new FreshQcow2Files();
    await files.make(at('first'), wish(at('base')), TIMEOUT_MS);
    writeFileSync(at('second'), 'rubbish of an attempt that was cut off'.repeat(10_000));
    const { PATH } = process.env;
    process.env['PATH'] = directory; // no qemu-img to be found
    t.after(() => (process.env['PATH'] = PATH));
    await files.make(at('second'), wish(at('base')), TIMEOUT_MS);
    assert.ok(bytesOf(at('first')).equals(bytesOf(at('second'))));
  });
}

test('disks of another size, base or format are not taken for the same kind', async (t) => {
  const directory = temporaryDirectory(t);
  const at = (name: string) => path.join(directory, name);
  for (const name of ['a', 'b']) execFileSync('qemu-img', ['create', '-q', '-f', 'raw', at(name), '8M']);
  const files = new FreshQcow2Files();
  const base = (file: string) => ({ file, format: 'raw', virtualSizeBytes: 8 * MIB });
  const wishes: FreshQcow2[] = [{ sizeBytes: MIB }, { sizeBytes: 2 * MIB }, { base: base(at('a')) }, { base: base(at('b')) }];
  for (const [i, wish] of wishes.entries()) await files.make(at(`disk-${i}`), wish, TIMEOUT_MS);
  const all = new Set(wishes.map((_, i) => bytesOf(at(`disk-${i}`)).toString('latin1')));
  assert.equal(all.size, wishes.length);
});
