import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { ComputeError, type ErrorKind } from '../../services/common/errors.js';
import { InstanceSpec } from '../../services/common/messages/instance-spec.js';
import { specHash } from '../../services/common/spec-hash.js';
import type { ChangeStep, Driver, ResizeRequest } from '../../services/compute/ports.js';
import type { DriverBench } from './driver-contract.js';

const MINUTE = 60_000;

type Wanted = Pick<ResizeRequest, 'vcpus' | 'memoryMiB'> & Partial<ResizeRequest>;
type State = 'running' | 'shutdown' | 'paused' | 'suspended';

/** More than the guest was started with. */
const LARGER: Wanted = { vcpus: 2, memoryMiB: 24, disks: [{ device: 'vda', sizeMiB: 3 }] };

/** What every driver promises of a resize. */
export function resizeContract(name: string, open: () => Promise<DriverBench>): void {
  describe(`resize contract: ${name}`, () => {
    let bench: DriverBench;
    before(async () => {
      bench = await open();
    });
    after(() => bench?.close());

    const deadline = () => Date.now() + MINUTE;
    const resize = (driver: Driver, id: string, { key = randomUUID(), ...wanted }: Wanted) =>
      driver.resize({ id, key, deadline: deadline(), disks: [], mode: 'auto', graceMs: 500, ...wanted });
    const spawned = async (t: { after(end: () => Promise<unknown>): void }, state: State = 'running', more: object = {}) => {
      const { driver } = bench;
      const spec = InstanceSpec.parse({ id: randomUUID(), name: 'guest', ...bench.sizes, disks: [{ sizeMiB: 1 }], ...more });
      const wish = { spec, start: {}, specHash: specHash(spec), generation: 1, requestId: 'r', deadline: deadline() };
      await driver.spawn(wish);
      t.after(() => driver.destroy(spec.id, { deadline: deadline() }));
      const change = { id: spec.id, key: randomUUID(), deadline: deadline() };
      if (state === 'shutdown') await driver.stop({ ...change, graceMs: 0 });
      if (state === 'paused') await driver.pause(change);
      if (state === 'suspended') await driver.suspend({ ...change, bypassCache: false });
      return { id: spec.id, wish };
    };
    const sizesOf = async (driver: Driver, id: string) => {
      const { vcpuCount, maximumMemoryBytes } = await driver.diagnostics({ id, deadline: deadline() });
      return [vcpuCount, maximumMemoryBytes / (1024 * 1024), await bench.diskMiB(id, 'vda')];
    };
    const refused = (kind: ErrorKind, words: RegExp) => (error: unknown) =>
      error instanceof ComputeError && error.kind === kind && words.test(error.message);

    for (const state of ['running', 'shutdown'] as const) {
      test(`an instance that is ${state} has what was asked for, stays ${state}, and a copy of its spawn is still one`, async (t) => {
        const { id, wish } = await spawned(t, state);
        const { powerState } = await resize(bench.driver, id, LARGER);
        assert.deepEqual([powerState, ...(await sizesOf(bench.driver, id))], [state, 2, 24, 3]);
        const found = await bench.driver.find(id);
        assert.deepEqual([found?.spec?.vcpus, found?.spec?.memoryMiB, found?.spec?.disks?.[0]?.sizeMiB], [2, 24, 3]);
        assert.equal(found?.desired.powerState, state);
        assert.equal((await bench.driver.spawn(wish)).powerState, state);
      });
    }

    test('what is so already is not done again', async (t) => {
      const { id } = await spawned(t);
      await resize(bench.driver, id, LARGER);
      const steps: string[] = [];
      const again = { id, key: randomUUID(), deadline: deadline(), disks: [], mode: 'cold', graceMs: 0, ...LARGER } as const;
      await bench.driver.resize(again, (step) => steps.push(step));
      assert.deepEqual(steps, ['record']);
    });

    const CUTS: readonly (readonly [State, ChangeStep])[] = [
      ['running', 'redefine'],
      ['running', 'stop'],
      ['running', 'start'],
      ['running', 'record'],
      ['shutdown', 'redefine'],
      ['shutdown', 'record'],
    ];
    for (const [state, step] of CUTS) {
      test(`a resize of an instance that was ${state}, cut off after ${step}, ends ${state} with the new sizes`, async (t) => {
        const { id } = await spawned(t, state);
        const wanted = { ...LARGER, key: randomUUID(), graceMs: 0 };
        const driver = await bench.cutOffIn(step, (dead) => resize(dead, id, wanted));
        const { powerState } = await resize(driver, id, wanted);
        assert.deepEqual([powerState, ...(await sizesOf(driver, id))], [state, 2, 24, 3]);
        await driver.close();
      });
    }

    test('a disk does not shrink, and what it is told of is the field', async (t) => {
      const { id } = await spawned(t, 'shutdown');
      await resize(bench.driver, id, { disks: [{ device: 'vda', sizeMiB: 4 }] });
      await assert.rejects(resize(bench.driver, id, { disks: [{ device: 'vda', sizeMiB: 2 }] }), refused('invalid', /only grows/));
      await assert.rejects(resize(bench.driver, id, { disks: [{ device: 'vdq', sizeMiB: 2 }] }), refused('invalid', /no disk vdq/));
      assert.equal(await bench.diskMiB(id, 'vda'), 4);
    });

    test('live alone refuses what needs a stop, and the guest runs on as it was', async (t) => {
      const { id } = await spawned(t);
      await assert.rejects(resize(bench.driver, id, { vcpus: 2, mode: 'live' }), refused('precondition', /mode cold or auto/));
      assert.deepEqual(await sizesOf(bench.driver, id), [1, 16, 1]);
      assert.equal((await bench.driver.find(id))?.powerState, 'running');
    });

    test('a guest with room for more processors gets them as it runs, and keeps the room when it stops for fewer', async (t) => {
      const { id } = await spawned(t, 'running', { maxVcpus: 3 });
      await resize(bench.driver, id, { vcpus: 2, mode: 'live' });
      assert.deepEqual(await sizesOf(bench.driver, id), [2, 16, 1]);
      await bench.driver.setMetadata({ id, key: randomUUID(), deadline: deadline(), metadata: { a: 'b' } });
      await resize(bench.driver, id, { vcpus: 1, mode: 'cold', graceMs: 0 });
      assert.deepEqual(await sizesOf(bench.driver, id), [1, 16, 1]);
      await resize(bench.driver, id, { vcpus: 3, mode: 'live' });
      assert.deepEqual(await sizesOf(bench.driver, id), [3, 16, 1]);
      assert.equal((await bench.driver.find(id))?.powerState, 'running');
    });

    test('a paused guest is not stopped for it, and a suspended one is resumed first', async (t) => {
      const paused = await spawned(t, 'paused');
      await assert.rejects(resize(bench.driver, paused.id, LARGER), refused('precondition', /is paused.*unpause/));
      const suspended = await spawned(t, 'suspended');
      await assert.rejects(resize(bench.driver, suspended.id, LARGER), refused('precondition', /is suspended;.*resume/));
    });
  });
}
