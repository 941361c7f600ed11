import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, linkSync, lstatSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from './temporary-directory.js';
import { workbench } from './workbench.js';

const PRECIOUS = "somebody else's";

for (const runs of [false, true]) {
  for (const [kind, place] of [
    ['symbolic link', symlinkSync],
    ['hard link', linkSync],
  ] as const) {
    test(`a snapshot of a guest that ${runs ? 'runs' : 'is off'} does not write through a ${kind} in the place of its unfinished file`, async (t) => {
      const { driver, request, imageDir } = workbench(t);
      const wish = request({ disks: [{ sizeMiB: 1 }] });
      const { id } = wish.spec;
      const about = () => ({ id, key: randomUUID(), deadline: Date.now() + 60_000 });
      await driver.spawn(wish);
      if (!runs) await driver.stop({ ...about(), graceMs: 0 });
      const precious = path.join(temporaryDirectory(t), 'precious');
      writeFileSync(precious, PRECIOUS);
      place(precious, path.join(imageDir, `a.qcow2.${id}.part`));
      const { snapshot } = await driver.snapshot({ ...about(), device: 'vda', name: 'a.qcow2' });
      assert.equal(readFileSync(precious, 'utf8'), PRECIOUS);
      assert.ok(lstatSync(snapshot.file).isFile());
    });
  }
}

test('what is no file in the place of its unfinished file is left alone, and the snapshot refused', async (t) => {
  const { driver, request, imageDir } = workbench(t);
  const wish = request({ disks: [{ sizeMiB: 1 }] });
  const { id } = wish.spec;
  await driver.spawn(wish);
  const unfinished = path.join(imageDir, `a.qcow2.${id}.part`);
  mkdirSync(unfinished);
  const about = { id, key: randomUUID(), deadline: Date.now() + 60_000 };
  await assert.rejects(driver.snapshot({ ...about, device: 'vda', name: 'a.qcow2' }), { kind: 'precondition', message: /no file/ });
  assert.ok(lstatSync(unfinished).isDirectory());
});

test('what a snapshot that was cut off has written is gone when it comes again and the instance is suspended', async (t) => {
  const { driver, request, imageDir } = workbench(t);
  const wish = request({ disks: [{ sizeMiB: 1 }] });
  const { id } = wish.spec;
  const about = () => ({ id, key: randomUUID(), deadline: Date.now() + 60_000 });
  await driver.spawn(wish);
  await driver.suspend({ ...about(), bypassCache: false });
  const unfinished = path.join(imageDir, `a.qcow2.${id}.part`);
  writeFileSync(unfinished, 'half of it');
  await assert.rejects(driver.snapshot({ ...about(), device: 'vda', name: 'a.qcow2' }), { kind: 'precondition' });
  assert.ok(!existsSync(unfinished));
});
