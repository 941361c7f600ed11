import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { ComputeError, type ErrorKind } from '../../services/common/errors.js';
import { InstanceSpec } from '../../services/common/messages/instance-spec.js';
import { specHash } from '../../services/common/spec-hash.js';
import type { ChangeStep, Driver, RebuildRequest } from '../../services/compute/ports.js';
import type { DriverBench } from './driver-contract.js';

const MINUTE = 60_000;

type State = 'running' | 'shutdown' | 'paused';

/** What every driver promises of a rebuild, of a rescue and its end. */
export function rebuildContract(name: string, open: () => Promise<DriverBench>): void {
  describe(`rebuild contract: ${name}`, () => {
    let bench: DriverBench;
    before(async () => {
      bench = await open();
    });
    after(() => bench?.close());

    const request = (id: string, key: string = randomUUID()) => ({ id, key, deadline: Date.now() + MINUTE, graceMs: 0 });
    const spawned = async (t: { after(end: () => Promise<unknown>): void }, state: State = 'running') => {
      const { driver } = bench;
      const disks = [{ sizeMiB: 2 }, { sizeMiB: 1 }];
      const spec = InstanceSpec.parse({ id: randomUUID(), name: 'guest', ...bench.sizes, disks, metadata: { a: '1' } });
      const wish = { spec, start: {}, specHash: specHash(spec), generation: 1, requestId: 'r', deadline: Date.now() + MINUTE };
      await driver.spawn(wish);
      t.after(() => driver.destroy(spec.id, { deadline: Date.now() + MINUTE }));
      if (state === 'shutdown') await driver.stop(request(spec.id));
      if (state === 'paused') await driver.pause(request(spec.id));
      return { id: spec.id, wish };
    };
    const rebuild = async (driver: Driver, id: string, key?: string, more: Partial<RebuildRequest> = {}) =>
      driver.rebuild({ ...request(id, key), disks: [{ device: 'vda', image: await bench.image() }], ...more });
    const rescue = async (driver: Driver, id: string, key?: string) => driver.rescue({ ...request(id, key), image: await bench.image() });
    const refused = (kind: ErrorKind, words: RegExp) => (error: unknown) =>
      error instanceof ComputeError && error.kind === kind && words.test(error.message);
    const disksOf = async (id: string) => [
      (await bench.baseOf(id, 'vda')) !== null,
      await bench.diskMiB(id, 'vda'),
      (await bench.baseOf(id, 'vdb')) !== null,
      await bench.diskMiB(id, 'vdb'),
    ];

    for (const state of ['running', 'shutdown'] as const) {
      test(`an instance that is ${state} gets another disk of the same size, stays ${state}, and a copy of its spawn is still one`, async (t) => {
        const { id, wish } = await spawned(t, state);
        assert.equal((await rebuild(bench.driver, id)).powerState, state);
        assert.deepEqual(await disksOf(id), [true, 2, false, 1]);
        assert.equal((await bench.driver.find(id))?.desired.powerState, state);
        assert.equal((await bench.driver.spawn(wish)).powerState, state);
      });
    }

    test('a disk is made anew empty and larger, and a second time', async (t) => {
      const { id } = await spawned(t, 'shutdown');
      await rebuild(bench.driver, id);
      await rebuild(bench.driver, id, randomUUID(), { disks: [{ device: 'vda', sizeMiB: 3 }] });
      assert.deepEqual(await disksOf(id), [false, 3, false, 1]);
    });

    test('what cannot be made is refused before the guest goes off', async (t) => {
      const { id } = await spawned(t);
      const wrong = rebuild(bench.driver, id, randomUUID(), { disks: [{ device: 'vdq', sizeMiB: 1 }] });
      await assert.rejects(wrong, refused('invalid', /disks\[0\]\.device: .*no disk vdq/));
      assert.equal((await bench.driver.find(id))?.powerState, 'running');
      const paused = await spawned(t, 'paused');
      await assert.rejects(rebuild(bench.driver, paused.id), refused('precondition', /is paused; unpause/));
    });

    const CUTS: readonly (readonly [State, ChangeStep])[] = [
      ['running', 'makeDisk'],
      ['running', 'stop'],
      ['running', 'swapDisks'],
      ['running', 'start'],
      ['running', 'record'],
      ['shutdown', 'makeDisk'],
      ['shutdown', 'swapDisks'],
    ];
    for (const [state, step] of CUTS) {
      test(`a rebuild of an instance that was ${state}, cut off after ${step}, ends ${state} with the new disk`, async (t) => {
        const { id } = await spawned(t, state);
        const key = randomUUID();
        const driver = await bench.cutOffIn(step, (dead) => rebuild(dead, id, key));
        assert.equal((await rebuild(driver, id, key)).powerState, state);
        assert.deepEqual(await disksOf(id), [true, 2, false, 1]);
        await driver.close();
      });
    }

    for (const state of ['running', 'shutdown'] as const) {
      test(`a rescue of an instance that was ${state} runs from the rescue disk, and an unrescue brings back what was`, async (t) => {
        const { id, wish } = await spawned(t, state);
        const before = await bench.definitionOf?.(id);
        const disks = (await bench.driver.find(id)) && (await bench.devicesOf(id)).next;
        assert.equal((await rescue(bench.driver, id)).powerState, 'running');
        const { rescued, desired } = (await bench.driver.find(id)) ?? {};
        assert.deepEqual([rescued, desired?.powerState], [true, 'running']);
        if (before !== undefined) assert.deepEqual([...(await bench.devicesOf(id)).now].sort(), ['vda', 'vdb', 'vdc']);
        assert.equal((await bench.driver.spawn(wish)).powerState, 'running');
        assert.equal((await bench.driver.unrescue(request(id))).powerState, state);
        const found = await bench.driver.find(id);
        assert.deepEqual([found?.rescued, found?.desired.powerState], [undefined, state]);
        assert.deepEqual([await bench.definitionOf?.(id), (await bench.devicesOf(id)).next], [before, disks]);
      });
    }

    test('a rescued instance starts, stops and reboots as one, keeps metadata, and does nothing else', async (t) => {
      const { id } = await spawned(t);
      const { driver } = bench;
      await rescue(driver, id);
      await driver.stop(request(id));
      await driver.start({ ...request(id), start: {} });
      await driver.reboot({ ...request(id), mode: 'hard' });
      await driver.setMetadata({ ...request(id), metadata: { b: '2' } });
      await bench.pullThePlug(id);
      await driver.start({ ...request(id), start: {} }); // as a worker does that brings it back
      assert.equal((await driver.find(id))?.rescued, true);
      const others: Readonly<Record<string, () => Promise<unknown>>> = {
        rescue: () => rescue(driver, id),
        rebuild: () => rebuild(driver, id),
        pause: () => driver.pause(request(id)),
        suspend: () => driver.suspend({ ...request(id), bypassCache: false }),
        resize: () => driver.resize({ ...request(id), disks: [], memoryMiB: 24, mode: 'cold' }),
        attachDisk: () => driver.attachDisk({ ...request(id), device: 'vdf', disk: { sizeMiB: 1 } }),
        snapshot: () => driver.snapshot({ ...request(id), device: 'vda', name: 'never.qcow2' }),
      };
      for (const [verb, change] of Object.entries(others)) {
        await assert.rejects(change(), refused('precondition', /is rescued.*unrescue it first/), verb);
      }
      await driver.unrescue(request(id));
      assert.deepEqual((await driver.find(id))?.metadata, { b: '2' });
      assert.equal((await driver.unrescue(request(id))).powerState, 'running'); // it is not rescued: nothing to do
    });

    const RESCUE_CUTS: readonly (readonly [State, ChangeStep])[] = [
      ['running', 'makeDisk'],
      ['running', 'redefine'],
      ['running', 'stop'],
      ['running', 'start'],
      ['running', 'record'],
      ['shutdown', 'makeDisk'],
      ['shutdown', 'redefine'],
    ];
    for (const [state, step] of RESCUE_CUTS) {
      test(`a rescue of an instance that was ${state}, cut off after ${step}, ends rescued, and what was comes back`, async (t) => {
        const { id } = await spawned(t, state);
        const before = await bench.definitionOf?.(id);
        const key = randomUUID();
        const driver = await bench.cutOffIn(step, (dead) => rescue(dead, id, key));
        assert.equal((await rescue(driver, id, key)).powerState, 'running');
        assert.equal((await driver.find(id))?.rescued, true);
        assert.equal((await driver.unrescue(request(id))).powerState, state);
        assert.equal(await bench.definitionOf?.(id), before);
        await driver.close();
      });
    }

    for (const step of ['redefine', 'stop', 'start', 'removeDisk', 'record'] as const) {
      test(`an unrescue that was cut off after ${step} ends as it was before the rescue`, async (t) => {
        const { id } = await spawned(t);
        const before = await bench.definitionOf?.(id);
        await rescue(bench.driver, id);
        const key = randomUUID();
        const driver = await bench.cutOffIn(step, (dead) => dead.unrescue(request(id, key)));
        assert.equal((await driver.unrescue(request(id, key))).powerState, 'running');
        const { rescued, desired } = (await driver.find(id)) ?? {};
        assert.deepEqual([rescued, desired?.powerState, await bench.definitionOf?.(id)], [undefined, 'running', before]);
        await driver.close();
      });
    }

    test('a destroy takes a rescued instance away with all that it has', async (t) => {
      const { id } = await spawned(t);
      await rescue(bench.driver, id);
      const { leftovers } = await bench.driver.destroy(id, { deadline: Date.now() + MINUTE });
      assert.deepEqual([leftovers, await bench.traces(id)], [undefined, []]);
    });
  });
}
