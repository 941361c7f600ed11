import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { appendJournal, type Begun, JOURNAL, readJournal } from '../../../../../services/compute/virt/libvirt/journal.js';
import { temporaryDirectory } from './temporary-directory.js';

const begun = (changes: Partial<Begun> = {}): Begun => ({
  entry: 'begun',
  specHash: 'v1:sha256:a',
  generation: 1,
  requestId: 'r',
  files: ['disk-0.qcow2'],
  ...changes,
});

test('a directory without a journal says nothing', async (t) => {
  assert.deepEqual(await readJournal(temporaryDirectory(t)), { begun: null, committed: false, files: [] });
});

test('what was noted is read back, with the files of every beginning', async (t) => {
  const directory = temporaryDirectory(t);
  await appendJournal(directory, begun());
  const second = begun({ files: ['disk-0.qcow2', 'console.log'] });
  await (
    await appendJournal(directory, second)
  ).stored;
  assert.deepEqual(await readJournal(directory), { begun: second, committed: false, files: ['disk-0.qcow2', 'console.log'] });
  await appendJournal(directory, { entry: 'committed', at: 'now' });
  assert.equal((await readJournal(directory)).committed, true);
});

test('a line torn by a crash counts as never written, and does not spoil the next one', async (t) => {
  const directory = temporaryDirectory(t);
  await appendJournal(directory, begun());
  appendFileSync(path.join(directory, JOURNAL), '{"entry":"commit');
  assert.deepEqual(await readJournal(directory), { begun: begun(), committed: false, files: ['disk-0.qcow2'] });
  await appendJournal(directory, { entry: 'committed', at: 'now' });
  assert.equal((await readJournal(directory)).committed, true);
});

test('a manifest that leads out of the directory is no manifest', async (t) => {
  const directory = temporaryDirectory(t);
  writeFileSync(path.join(directory, JOURNAL), `${JSON.stringify(begun({ files: ['../../etc/passwd'] }))}\n`);
  assert.deepEqual((await readJournal(directory)).files, []);
  assert.match(readFileSync(path.join(directory, JOURNAL), 'utf8'), /passwd/);
});
