import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { BootRecord, currentBootId } from '../../../../services/compute/instances/boot-record.js';

function recordFile(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'novalet-boot-'));
  t.after(() => rmSync(directory, { recursive: true }));
  return join(directory, 'boot-id');
}

test('the first worker of a state directory has no boot to make good', (t) => {
  assert.equal(new BootRecord(recordFile(t), 'boot-1').hostBooted, false);
});

test('another boot of the host is noticed until it is recorded', (t) => {
  const file = recordFile(t);
  new BootRecord(file, 'boot-1').store();
  assert.equal(new BootRecord(file, 'boot-1').hostBooted, false);
  const record = new BootRecord(file, 'boot-2');
  assert.equal(record.hostBooted, true);
  assert.equal(new BootRecord(file, 'boot-2').hostBooted, true);
  record.store();
  assert.equal(new BootRecord(file, 'boot-2').hostBooted, false);
});

test('without an id of the boot nothing is taken for a boot', (t) => {
  const file = recordFile(t);
  new BootRecord(file, 'boot-1').store();
  assert.equal(new BootRecord(file, null).hostBooted, false);
});

test('this machine has an id of its boot', () => {
  assert.match(currentBootId() ?? '', /^[0-9a-f-]{36}$/);
});

test('a record that cannot be written keeps nobody from working', (t) => {
  const file = join(recordFile(t), 'no such directory');
  assert.doesNotThrow(() => new BootRecord(file, 'boot-1').store());
});
