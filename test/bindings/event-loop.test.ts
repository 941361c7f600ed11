import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import {
  libvirtError,
  virEventAddHandle,
  virEventAddTimeout,
  VIR_ERR_NO_SUPPORT,
  VIR_EVENT_HANDLE_READABLE,
  virEventInvokeFreeCallback,
  virEventRegisterImpl,
  virEventRemoveHandle,
  virEventRemoveTimeout,
  virEventUpdateHandle,
  virEventUpdateTimeout,
} from '@novalet/libvirt';
import { waitUntil } from '../../ops/private/wait-until.js';
import { runScript } from './support/run-script.js';

/** Both ends of a pipe in one descriptor. */
async function fifo(t: TestContext): Promise<number> {
  const folder = await mkdtemp(path.join(tmpdir(), 'fifo-'));
  const file = path.join(folder, 'fifo');
  await once(spawn('mkfifo', [file]), 'exit');
  const fd = openSync(file, 'r+');
  t.after(async () => {
    closeSync(fd);
    await rm(folder, { recursive: true });
  });
  return fd;
}

test('a descriptor is told of when it is ready, and once for each turn of JavaScript’s', async (t) => {
  const fd = await fifo(t);
  const told: unknown[][] = [];
  const watch = virEventAddHandle(fd, VIR_EVENT_HANDLE_READABLE, (...all) => told.push(all), 'mine');
  writeSync(fd, 'x');
  // A busy process is not flooded.
  for (const end = Date.now() + 50; Date.now() < end;);
  await waitUntil('it to be told', () => told.length > 0, { everyMs: 1 });
  assert.deepEqual(told[0], [watch, fd, VIR_EVENT_HANDLE_READABLE, 'mine']);
  // It is told again as long as it is ready.
  await waitUntil('it to be told again', () => told.length > 2, { everyMs: 1 });
  virEventUpdateHandle(watch, 0);
  await new Promise(setImmediate);
  const soFar = told.length;
  readSync(fd, Buffer.alloc(1));
  virEventUpdateHandle(watch, VIR_EVENT_HANDLE_READABLE);
  writeSync(fd, 'y');
  await waitUntil('it to be told of the next', () => told.length > soFar);
  assert.equal(virEventRemoveHandle(watch), 0);
  const atEnd = told.length;
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(told.length, atEnd);
  assert.throws(() => virEventRemoveHandle(watch), libvirtError);
});

test('a timer calls again and again, at its own pace', async () => {
  const told: unknown[][] = [];
  const timer = virEventAddTimeout(1, (...all) => told.push(all), 'mine');
  await waitUntil('it to be told three times', () => told.length >= 3, { everyMs: 1 });
  assert.deepEqual(told[0], [timer, 'mine']);
  virEventUpdateTimeout(timer, -1);
  await new Promise((resolve) => setTimeout(resolve, 10));
  const soFar = told.length;
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(told.length, soFar);
  virEventUpdateTimeout(timer, 0);
  await waitUntil('it to be told again', () => told.length > soFar + 10, { everyMs: 1 });
  assert.equal(virEventRemoveTimeout(timer), 0);
  assert.throws(() => virEventRemoveTimeout(timer), libvirtError);
});

test('what cannot be watched, and callbacks that are none, are refused', () => {
  assert.throws(() => virEventAddHandle(-1, 1, () => {}), libvirtError);
  assert.throws(() => virEventAddHandle(0, 1, null as never), TypeError);
  assert.throws(() => virEventAddHandle('0' as never, 1, () => {}), TypeError);
  assert.throws(() => virEventAddTimeout(1, null as never), TypeError);
});

test('an event loop in JavaScript is refused, with the reason', () => {
  assert.throws(() => virEventRegisterImpl(), {
    name: 'libvirtError',
    code: VIR_ERR_NO_SUPPORT,
    message: /at once and on its own threads/,
  });
  assert.throws(() => virEventInvokeFreeCallback(), { name: 'libvirtError', code: VIR_ERR_NO_SUPPORT });
});

test('a timer keeps the process until it is removed', async () => {
  const script = runScript(
    `import { virEventAddTimeout, virEventRemoveTimeout } from '@novalet/libvirt';
     const timer = virEventAddTimeout(50, () => {
       console.log('told');
       virEventRemoveTimeout(timer);
     });`,
  );
  assert.equal(await script.line(), 'told');
  assert.equal(await script.ended, 0);
});
