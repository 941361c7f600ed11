import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { backingFilesIn, basesInUse } from '../../../../services/compute/images/backing-files.js';
import { temporaryDirectory } from '../virt/libvirt/temporary-directory.js';

test('what the overlays of a directory stand on is read from their headers, and nothing else is taken for one', async (t) => {
  const root = temporaryDirectory(t);
  const directory = `${root}/instance`;
  mkdirSync(directory);
  const overlay = (name: string, base: string) =>
    execFileSync('qemu-img', ['create', '-q', '-u', '-f', 'qcow2', '-F', 'raw', '-b', base, `${directory}/${name}`, '1M']);
  overlay('absolute', '/images/a');
  overlay('relative', 'disk-0.qcow2');
  overlay('far', 'nbd:elsewhere:10809');
  writeFileSync(`${directory}/journal.jsonl`, '{}');
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', `${directory}/empty`, '1M']);
  assert.deepEqual((await backingFilesIn(directory)).sort(), [`${directory}/disk-0.qcow2`, '/images/a'].sort());
  assert.deepEqual([...(await basesInUse(root))].sort(), ['a', 'disk-0.qcow2']);
  assert.deepEqual(await backingFilesIn(`${root}/nothing`), []);
});
