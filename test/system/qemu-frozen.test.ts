import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { after, before, describe, test, type TestContext } from 'node:test';
import { InstanceSpec } from '../../services/common/messages/instance-spec.js';
import { specHash } from '../../services/common/spec-hash.js';
import { realLibvirtBench, type RealLibvirtBench } from '../contract/real-libvirt.js';

const MINUTE = 60_000;

describe('a guest whose QEMU stands still', () => {
  let bench: RealLibvirtBench;
  before(async () => {
    bench = await realLibvirtBench('qemu');
  });
  after(() => bench?.close());

  const spawned = async () => {
    const spec = InstanceSpec.parse({ id: randomUUID(), name: 'guest', ...bench.sizes, disks: [{ sizeMiB: 1 }] });
    const wish = { spec, start: {}, specHash: specHash(spec), generation: 1, requestId: 'r', deadline: Date.now() + MINUTE };
    await bench.driver.spawn(wish);
    return spec.id;
  };
  const frozen = async (t: TestContext) => {
    const id = await spawned();
    process.kill(await pidOf(id), 'SIGSTOP');
    t.after(() => bench.driver.destroy(id, { deadline: Date.now() + MINUTE }));
    return id;
  };
  const within = (ms: number) => ({ deadline: Date.now() + ms, key: randomUUID() });

  test('is looked at at once, and its diagnostics come in time and say what is missing', async (t) => {
    const [id, other] = [await frozen(t), await spawned()];
    const began = Date.now();
    assert.equal((await bench.driver.find(id))?.powerState, 'running');
    const report = await bench.driver.diagnostics({ id, ...within(10_000) });
    assert.ok(Date.now() - began < 6000, `it took ${Date.now() - began} ms`);
    assert.deepEqual([report.powerState, report.missing], ['running', ['vcpus', 'memory', 'disks']]);
    assert.ok((report.cpuSeconds ?? 0) > 0);
    const wellAndGood = await bench.driver.diagnostics({ id: other, ...within(10_000) });
    assert.deepEqual(wellAndGood.missing, []);
    assert.deepEqual(
      wellAndGood.disks?.map(({ device, capacityBytes }) => [device, capacityBytes]),
      [['vda', 1024 * 1024]],
    );
    await bench.driver.destroy(other, { deadline: Date.now() + MINUTE });
  });

  test('cannot be paused, and the command ends with its deadline', async (t) => {
    const id = await frozen(t);
    await assert.rejects(bench.driver.pause({ id, ...within(1000) }), { kind: 'timeout' });
  });

  test('has diagnostics that say what is missing, also while a command hangs on it', async (t) => {
    const id = await frozen(t);
    await assert.rejects(bench.driver.pause({ id, ...within(500) }), { kind: 'timeout' });
    const { missing, disks } = await bench.driver.diagnostics({ id, ...within(10_000) });
    assert.deepEqual([missing.includes('disks'), disks], [true, undefined]);
  });

  test('is switched off when its grace is over', async (t) => {
    const id = await frozen(t);
    const began = Date.now();
    const state = await bench.driver.stop({ id, graceMs: 1000, ...within(MINUTE) });
    assert.equal(state.powerState, 'shutdown');
    assert.ok(Date.now() - began < 16_000, `it took ${Date.now() - began} ms`);
  });

  test('is destroyed in less than 15 seconds, even after a command that hangs on it', async (t) => {
    const id = await frozen(t);
    await assert.rejects(bench.driver.pause({ id, ...within(500) }), { kind: 'timeout' });
    const began = Date.now();
    assert.equal((await bench.driver.destroy(id, { deadline: Date.now() + MINUTE })).existed, true);
    assert.ok(Date.now() - began < 15_000, `it took ${Date.now() - began} ms`);
  });
});

async function pidOf(id: string): Promise<number> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (words.includes('qemu-system') && words.includes(`guest=novalet-${id}`)) return Number(pid);
  }
  throw new Error(`no QEMU runs ${id}`);
}
