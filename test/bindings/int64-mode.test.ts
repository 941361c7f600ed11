import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { getVersion, open, setInt64Mode } from '@novalet/libvirt';

after(() => setInt64Mode('number'));

/** The JavaScript types of what 64-bit integers become, in a scalar, a tuple, a list, a dictionary, statistics and of a generated function. */
async function typesOf64Bits(): Promise<string[]> {
  await using conn = await open('test:///default');
  const domain = await conn.lookupByName('test');
  return [
    await domain.maxMemory(),
    (await domain.info())[4],
    (await conn.getCellsFreeMemory(0, 1))[0],
    (await domain.memoryParameters()).hard_limit,
    (await domain.getCPUStats(true))[0]?.cpu_time,
    (await domain.vcpus())[0][0]?.[2],
    (await domain.getTime()).seconds,
    (await conn.getCPUStats(-1)).user,
  ].map((value) => typeof value);
}

test('64-bit integers are numbers until bigints are asked for, and everything else stays as it is', async () => {
  assert.deepEqual(new Set(await typesOf64Bits()), new Set(['number']));
  setInt64Mode('bigint');
  assert.deepEqual(new Set(await typesOf64Bits()), new Set(['bigint']));
  await using conn = await open('test:///default');
  const domain = await conn.lookupByName('test');
  const [state, , , vcpus] = await domain.info();
  const small = [state, vcpus, await conn.getLibVersion(), getVersion(), domain.ID(), await domain.autostart()];
  assert.ok(small.every((value) => typeof value === 'number'));
  const all = await conn.getAllDomainStats();
  assert.deepEqual(all[0]?.[1], { 'state.state': 1, 'state.reason': 0 });
  setInt64Mode('number');
  assert.deepEqual(new Set(await typesOf64Bits()), new Set(['number']));
});

test('bigints keep every bit', async () => {
  setInt64Mode('bigint');
  await using conn = await open('test:///default');
  const domain = await conn.lookupByName('test');
  const exact = 2n ** 53n + 1n;
  await domain.setBlockIoTune('vda', { total_bytes_sec: exact }, 2).catch(() => {}); // more than QEMU takes; the next is not
  await domain.setMemoryParameters({ hard_limit: exact - 2n }, 2);
  assert.equal((await domain.memoryParameters(2)).hard_limit, exact - 2n);
  const [, , , , cpuTime] = await domain.info();
  assert.ok((cpuTime as unknown as bigint) > 2n ** 60n); // the test driver counts from 1970
  setInt64Mode('number');
});

test('the mode is one environment’s own', async () => {
  setInt64Mode('bigint');
  const source = `
    const { parentPort } = require('node:worker_threads');
    import(${JSON.stringify(import.meta.resolve('@novalet/libvirt'))}).then(async ({ open }) => {
      const conn = await open('test:///default');
      const domain = await conn.lookupByName('test');
      parentPort.postMessage(typeof (await domain.info())[1]);
      await conn.close();
    });`;
  const worker = new Worker(source, { eval: true });
  const answer = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  await worker.terminate();
  assert.equal(answer, 'number');
  setInt64Mode('number');
});

test('a mode that there is not is refused', () => {
  assert.throws(() => setInt64Mode('big' as never), new RangeError("setInt64Mode: mode must be 'number' or 'bigint', not big"));
});
