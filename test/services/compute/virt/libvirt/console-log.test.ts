import assert from 'node:assert/strict';
import { symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { readConsoleLog } from '../../../../../services/compute/virt/libvirt/console-log.js';
import { temporaryDirectory } from './temporary-directory.js';

test('a character that the limit would cut in two is left out', async (t) => {
  const file = path.join(temporaryDirectory(t), 'console.log');
  writeFileSync(file, 'x🦆é');
  assert.deepEqual(await readConsoleLog(file, 5), { text: 'é', bytes: 2, truncated: true });
  assert.deepEqual(await readConsoleLog(file, 6), { text: '🦆é', bytes: 6, truncated: true });
});

test('bytes that are no text are shown as such, and cost no more than the limit', async (t) => {
  const file = path.join(temporaryDirectory(t), 'console.log');
  writeFileSync(file, Buffer.alloc(100, 0x80));
  assert.deepEqual(await readConsoleLog(file, 10), { text: '\ufffd'.repeat(7), bytes: 7, truncated: true });
});

test('a log that is not there is empty; a link in its place is not followed', async (t) => {
  const directory = temporaryDirectory(t);
  assert.deepEqual(await readConsoleLog(path.join(directory, 'none'), 10), { text: '', bytes: 0, truncated: false });
  symlinkSync('/etc/passwd', path.join(directory, 'link'));
  await assert.rejects(readConsoleLog(path.join(directory, 'link'), 10), { code: 'ELOOP' });
});
