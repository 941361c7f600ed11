import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { InstanceDirectories } from '../../../../../services/compute/virt/libvirt/instance-directory.js';
import { appendJournal } from '../../../../../services/compute/virt/libvirt/journal.js';
import { temporaryDirectory } from './temporary-directory.js';

const ID = '0b1f3c5e-1d2c-4b5a-9e8f-7a6b5c4d3e2f';

async function workbench(t: TestContext) {
  const directories = new InstanceDirectories(temporaryDirectory(t));
  await directories.prepare();
  const fill = async (directory: string, ...strangers: string[]) => {
    mkdirSync(directory, { recursive: true });
    const files = ['disk-0.qcow2', 'console.log'];
    await appendJournal(directory, { entry: 'begun', specHash: 'h', generation: 1, requestId: 'r', files });
    for (const name of ['disk-0.qcow2.part', 'console.log', ...strangers]) writeFileSync(path.join(directory, name), '');
  };
  return { directories, directory: directories.of(ID), fill };
}

test('QEMU under a user of its own can pass through, whatever the umask', async (t) => {
  const before = process.umask(0o077);
  t.after(() => process.umask(before));
  const { directories, directory } = await workbench(t);
  assert.deepEqual([await directories.make(ID), await directories.make(ID)], [true, false]);
  assert.deepEqual(
    [directories.root, directory].map((made) => statSync(made).mode & 0o777),
    [0o711, 0o711],
  );
});

test('what the manifest lists goes, finished or not, and the directory with it', async (t) => {
  const { directories, directory, fill } = await workbench(t);
  await fill(directory);
  const removal = await directories.remove(ID);
  assert.deepEqual(removal, { removed: ['disk-0.qcow2.part', 'console.log', ID], leftovers: [] });
  assert.deepEqual(readdirSync(directories.root), []);
  assert.deepEqual(await directories.remove(ID), { removed: [], leftovers: [] });
});

test('files that we did not make stay and are named; later ones of the same id go all the same', async (t) => {
  const { directories, directory, fill } = await workbench(t);
  await fill(directory, 'precious');
  const stranger = path.join(`${directory}.deleting`, 'precious');
  assert.deepEqual((await directories.remove(ID)).leftovers, ['precious']);
  await fill(directory);
  assert.deepEqual((await directories.remove(ID)).leftovers, ['precious']);
  assert.deepEqual([existsSync(directory), existsSync(stranger)], [false, true]);
});

test("files of others never keep an id: what stays of it is no instance's any more", async (t) => {
  const { directories, directory, fill } = await workbench(t);
  for (const precious of ['one', 'two']) {
    await fill(directory, precious);
    await directories.remove(ID);
  }
  assert.deepEqual([readdirSync(directory), readdirSync(`${directory}.deleting`)], [['two'], ['one']]);
  assert.equal((await directories.journal(ID)).begun, null);
});

test('a link in the place of a directory half removed is not followed, and stays', async (t) => {
  const { directories, directory, fill } = await workbench(t);
  const another = directories.of('another');
  await fill(another);
  symlinkSync(another, `${directory}.deleting`);
  await directories.sweep();
  assert.deepEqual((await directories.remove(ID)).leftovers, [`${ID}.deleting`]);
  assert.deepEqual(readdirSync(another).sort(), ['console.log', 'disk-0.qcow2.part', 'journal.jsonl']);
});

test('a removal that was cut off is finished by the next sweep', async (t) => {
  const { directories, directory, fill } = await workbench(t);
  await fill(`${directory}.deleting`);
  await fill(directories.of('another'));
  await directories.sweep();
  assert.deepEqual(readdirSync(directories.root), ['another']);
});
