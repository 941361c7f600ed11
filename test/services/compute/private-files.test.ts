import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { waitUntil } from '../../../ops/private/wait-until.js';
import { keepFilesPrivate } from '../../../services/compute/private-files.js';
import { makeConsoleLog } from '../../../services/compute/virt/libvirt/console-log.js';
import { FreshQcow2Files } from '../../../services/compute/virt/libvirt/fresh-qcow2.js';
import { temporaryDirectory } from '../../support/with-api.js';
import { WorkerProcess } from '../../support/worker-process.js';

const modeOf = (file: string): string => (statSync(file).mode & 0o777).toString(8);

function put(file: string, mode: number): void {
  writeFileSync(file, 'x');
  chmodSync(file, mode);
}

test('files of an earlier worker that others could read are put right, and QEMU can still pass through', (t) => {
  const before = process.umask();
  t.after(() => process.umask(before));
  const stateDir = temporaryDirectory(t);
  const instance = join(stateDir, 'instances', 'id');
  mkdirSync(instance, { recursive: true });
  for (const directory of [stateDir, join(stateDir, 'instances'), instance]) chmodSync(directory, 0o711);
  const files = ['worker.db', 'worker.db-wal', 'outbox.db'].map((name) => join(stateDir, name));
  for (const file of files) put(file, 0o644);
  for (const name of ['disk-0.qcow2', 'console.log']) put(join(instance, name), 0o644);
  put(join(instance, 'seed.iso'), 0o600);
  assert.deepEqual(keepFilesPrivate(stateDir), []);
  writeFileSync(join(stateDir, 'new'), 'x');
  assert.deepEqual(new Set([...files, join(stateDir, 'new')].map(modeOf)), new Set(['600']));
  assert.deepEqual(
    ['disk-0.qcow2', 'console.log', 'seed.iso'].map((name) => modeOf(join(instance, name))),
    ['640', '640', '600'],
  );
  assert.deepEqual([stateDir, instance].map(modeOf), ['711', '711']);
});

for (const umask of [0o022, 0o077]) {
  test(`what QEMU works with is read by its group and nobody else, with the umask ${umask.toString(8)}`, async (t) => {
    const before = process.umask(umask);
    t.after(() => process.umask(before));
    const directory = temporaryDirectory(t);
    const files = new FreshQcow2Files();
    for (const name of ['first', 'second']) await files.make(join(directory, name), { sizeBytes: 1024 * 1024 }, 10_000);
    await makeConsoleLog(join(directory, 'console.log'));
    assert.deepEqual(
      ['first', 'second', 'console.log'].map((name) => modeOf(join(directory, name))),
      ['640', '640', '640'],
    );
  });
}

test('a worker leaves nothing in its state directory that others can read', async (t) => {
  const stateDir = temporaryDirectory(t);
  put(join(stateDir, 'drained.json.part'), 0o644);
  writeFileSync(join(stateDir, 'worker.db'), '', { mode: 0o644 });
  writeFileSync(join(stateDir, 'outbox.db'), '', { mode: 0o644 });
  const worker = await WorkerProcess.start(t, 'amqp://127.0.0.1:9/', { NOVALET_STATE_DIR: stateDir });
  await waitUntil('the worker', () => worker.has('worker starts'));
  const open = readdirSync(stateDir).filter((name) => (statSync(join(stateDir, name)).mode & 0o007) !== 0);
  const files = open.filter((name) => statSync(join(stateDir, name)).isFile());
  assert.deepEqual(files, []);
  assert.ok(readdirSync(stateDir).includes('worker.db-wal'));
});
