import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { open, poolStats } from '@novalet/libvirt';
import { waitUntil } from '../../ops/private/wait-until.js';
import { withLibvirtd } from '../support/with-libvirtd.js';
import { runScript } from './support/run-script.js';

const busyWorker = new URL('./support/busy-worker.js', import.meta.url);

test('worker threads are terminated in the middle of calls and events, and nothing else notices', async (t) => {
  const libvirtd = await withLibvirtd(t);
  await using conn = await open(libvirtd.testUri);
  for (let i = 0; i < 30; i++) {
    const uri = i % 2 === 0 ? libvirtd.testUri : 'test:///default';
    const workers = [0, 1].map(() => new Worker(busyWorker, { workerData: uri }));
    await Promise.all(workers.map((worker) => once(worker, 'message')));
    await Promise.all(workers.map((worker) => worker.terminate()));
    assert.ok(await conn.getHostname());
  }
  await waitUntil('the calls that were left alone to end', () => poolStats().active === 0);
});

test('a worker thread with a stuck call is terminated at once', async (t) => {
  const libvirtd = await withLibvirtd(t);
  const worker = new Worker(busyWorker, { workerData: libvirtd.testUri });
  await once(worker, 'message');
  await libvirtd.freeze();
  await waitUntil('its calls to be stuck', () => poolStats().active >= 4);
  const began = performance.now();
  await worker.terminate();
  assert.ok(performance.now() - began < 2000);
  await libvirtd.thaw();
  await waitUntil('the calls that were left alone to end', () => poolStats().active === 0);
});

test('the addon stays in memory when the last worker thread that loaded it is gone', async () => {
  // The main thread never loads it; threads of the addon go on when the workers are terminated.
  const script = runScript(`
    import { once } from 'node:events';
    import { readFileSync } from 'node:fs';
    import { Worker } from 'node:worker_threads';
    const mapped = () => readFileSync('/proc/self/maps', 'utf8').includes('novalet_libvirt');
    console.log(mapped());
    for (let i = 0; i < 5; i++) {
      const worker = new Worker(new URL('${busyWorker.href}'), { workerData: 'test:///default', execArgv: [] });
      await once(worker, 'message');
      await worker.terminate();
    }
    console.log(mapped());`);
  assert.equal(await script.line(), 'false');
  assert.equal(await script.line(), 'true');
  assert.equal(await script.ended, 0);
});
