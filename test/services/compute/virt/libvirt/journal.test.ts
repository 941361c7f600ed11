import assert from 'node:assert/strict';
import { appendFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import {
  appendJournal,
  type Begun,
  compactJournal,
  JOURNAL,
  type JournalEntry,
  type JournalState,
  readJournal,
} from '../../../../../services/compute/virt/libvirt/journal.js';
import { temporaryDirectory } from './temporary-directory.js';

const begun = (changes: Partial<Begun> = {}): Begun => ({
  entry: 'begun',
  specHash: 'v1:sha256:a',
  generation: 1,
  requestId: 'r',
  files: ['disk-0.qcow2'],
  ...changes,
});

const done = (key: string, powerState?: 'running' | 'shutdown'): JournalEntry => ({
  entry: 'done',
  verb: 'stop',
  key,
  at: 'now',
  ...(powerState && { desired: { powerState, autodestroy: false } }),
});
/** What a journal says that nobody wrote anything in. */
const nothing: JournalState = {
  begun: null,
  committed: false,
  spec: null,
  files: [],
  desired: { powerState: 'running', autodestroy: false },
  done: new Set(),
  rebooting: null,
  resizing: null,
  rebuilding: null,
  rescued: null,
  snapshotting: null,
  attaching: new Set(),
};

test('a directory without a journal says nothing', async (t) => {
  assert.deepEqual(await readJournal(temporaryDirectory(t)), nothing);
});

test('what was noted is read back, with the files of every beginning', async (t) => {
  const directory = temporaryDirectory(t);
  await appendJournal(directory, begun());
  const second = begun({ files: ['disk-0.qcow2', 'console.log'] });
  await (
    await appendJournal(directory, second)
  ).stored;
  assert.deepEqual(await readJournal(directory), { ...nothing, begun: second, files: ['disk-0.qcow2', 'console.log'] });
  await appendJournal(directory, { entry: 'committed', at: 'now' });
  assert.equal((await readJournal(directory)).committed, true);
});

test('a line torn by a crash counts as never written, and does not spoil the next one', async (t) => {
  const directory = temporaryDirectory(t);
  await appendJournal(directory, begun());
  appendFileSync(path.join(directory, JOURNAL), '{"entry":"commit');
  assert.deepEqual(await readJournal(directory), { ...nothing, begun: begun(), files: ['disk-0.qcow2'] });
  await appendJournal(directory, { entry: 'committed', at: 'now' });
  assert.equal((await readJournal(directory)).committed, true);
});

test('a manifest that leads out of the directory is no manifest', async (t) => {
  const directory = temporaryDirectory(t);
  writeFileSync(path.join(directory, JOURNAL), `${JSON.stringify(begun({ files: ['../../etc/passwd'] }))}\n`);
  assert.deepEqual((await readJournal(directory)).files, []);
  assert.match(readFileSync(path.join(directory, JOURNAL), 'utf8'), /passwd/);
});

test('what was done is known by verb and key, and the last one that changed it says where the instance belongs', async (t) => {
  const directory = temporaryDirectory(t);
  for (const entry of [done('a', 'running'), done('b', 'shutdown'), done('c')]) await appendJournal(directory, entry);
  const { done: known, desired } = await readJournal(directory);
  assert.deepEqual([[...known], desired.powerState], [['stop a', 'stop b', 'stop c'], 'shutdown']);
});

test('a reboot is under way until something was done', async (t) => {
  const directory = temporaryDirectory(t);
  const rebooting = { entry: 'rebooting', key: 'k', domainId: 7 } as const;
  await appendJournal(directory, rebooting);
  assert.deepEqual((await readJournal(directory)).rebooting, rebooting);
  await appendJournal(directory, done('k'));
  assert.equal((await readJournal(directory)).rebooting, null);
});

test('a disk is being attached until an attachment or a detachment is done, whatever else was', async (t) => {
  const directory = temporaryDirectory(t);
  const attaching = async () => [...(await readJournal(directory)).attaching];
  for (const device of ['vdb', 'vdc']) await appendJournal(directory, { entry: 'attaching', device });
  await appendJournal(directory, done('k'));
  assert.deepEqual(await attaching(), ['vdb', 'vdc']);
  await appendJournal(directory, { ...done('l'), verb: 'detachDisk' } as JournalEntry);
  assert.deepEqual(await attaching(), []);
});

test('a long journal is written anew with all that anybody may ask for', async (t) => {
  const directory = temporaryDirectory(t);
  const files = ['disk-0.qcow2', 'console.log'];
  await appendJournal(directory, begun({ files }));
  await appendJournal(directory, { entry: 'committed', at: 'now' });
  assert.equal(await compactJournal(directory), false);
  for (let i = 0; i < 1000; i++)
    await appendJournal(directory, i % 2 ? done(`key-${i}`) : { entry: 'rebooting', key: `key-${i}`, domainId: i });
  for (const key of ['a', 'b']) {
    await appendJournal(directory, { entry: 'unrescued', key, desired: { powerState: 'shutdown', autodestroy: false } });
    await appendJournal(directory, { entry: 'rescued', key, former: 'shutdown' });
  }
  for (let i = 0; i < 40; i++) await appendJournal(directory, done(`later-${i}`));
  await appendJournal(directory, { entry: 'attaching', device: 'vdb' });
  await appendJournal(directory, { entry: 'rebooting', key: 'last', domainId: 1 });
  const before = await readJournal(directory);
  assert.equal(await compactJournal(directory), true);
  assert.deepEqual(await readJournal(directory), before);
  assert.deepEqual([before.done.size, before.rebooting?.key, before.files], [32, 'last', files]);
  assert.deepEqual([before.rescued?.key, before.desired.powerState], ['b', 'shutdown']);
  assert.ok(statSync(path.join(directory, JOURNAL)).size < 8192);
  assert.deepEqual(readdirSync(directory), [JOURNAL]);
});

test('a long journal keeps what the instance has by the last change that told, and that alone', async (t) => {
  const directory = temporaryDirectory(t);
  const told = (vcpus: number): JournalEntry =>
    ({ ...done(`r-${vcpus}`), spec: { id: 'i', vcpus, name: 'x'.repeat(5000) } }) as JournalEntry;
  for (let vcpus = 1; vcpus <= 8; vcpus++) await (await appendJournal(directory, told(vcpus))).stored;
  for (let count = 0; count < 40; count++) await (await appendJournal(directory, done(`s-${count}`))).stored;
  assert.equal(await compactJournal(directory), true);
  assert.equal((await readJournal(directory)).spec?.vcpus, 8);
  assert.equal(await compactJournal(directory), false, 'it is short now');
});
