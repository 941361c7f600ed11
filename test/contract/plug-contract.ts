import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { ComputeError, type ErrorKind } from '../../services/common/errors.js';
import { InstanceSpec } from '../../services/common/messages/instance-spec.js';
import { specHash } from '../../services/common/spec-hash.js';
import type { ChangeStep, Driver } from '../../services/compute/ports.js';
import type { DriverBench } from './driver-contract.js';

const MINUTE = 60_000;
const MAC = '02:00:00:00:00:07';

type PlugVerb = 'attachDisk' | 'detachDisk' | 'attachInterface' | 'detachInterface';
type Change = (driver: Driver, id: string, key?: string) => ReturnType<Driver['attachDisk']>;

const request = (id: string, key: string = randomUUID()) => ({ id, key, deadline: Date.now() + MINUTE });
const grace = { graceMs: 1000 };

const VERBS: Readonly<Record<PlugVerb, Change>> = {
  attachDisk: (driver, id, key) => driver.attachDisk({ ...request(id, key), device: 'vdb', disk: { sizeMiB: 1 } }),
  detachDisk: (driver, id, key) => driver.detachDisk({ ...request(id, key), device: 'vdb', remove: true, ...grace }),
  attachInterface: (driver, id, key) => driver.attachInterface({ ...request(id, key), nic: { kind: 'user' }, mac: MAC }),
  detachInterface: (driver, id, key) => driver.detachInterface({ ...request(id, key), mac: MAC, ...grace }),
};
const PAIRS = [
  ['attachDisk', 'detachDisk', 'vdb'],
  ['attachInterface', 'detachInterface', MAC],
] as const;

/** What every driver promises of devices that come and go. */
export function plugContract(name: string, open: () => Promise<DriverBench>): void {
  describe(`plug contract: ${name}`, () => {
    let bench: DriverBench;
    before(async () => {
      bench = await open();
    });
    after(() => bench?.close());

    const stop = (id: string) => bench.driver.stop({ ...request(id), graceMs: 0 });
    const spawned = async (t: { after(end: () => Promise<unknown>): void }, state: 'running' | 'shutdown') => {
      const spec = InstanceSpec.parse({ id: randomUUID(), name: 'guest', ...bench.sizes, disks: [{ sizeMiB: 1 }] });
      const wish = { spec, start: {}, specHash: specHash(spec), generation: 1, requestId: 'r', deadline: Date.now() + MINUTE };
      await bench.driver.spawn(wish);
      t.after(async () => {
        await bench.driver.destroy(spec.id, { deadline: Date.now() + MINUTE });
        assert.deepEqual(await bench.traces(spec.id), []);
      });
      if (state === 'shutdown') await stop(spec.id);
      return spec.id;
    };
    const has = async (id: string, now: readonly string[], next = now) => {
      const found = await bench.devicesOf(id);
      assert.deepEqual(
        [found.now, found.next],
        [
          ['vda', ...now],
          ['vda', ...next],
        ],
      );
      const { disks = [], interfaces = [] } = (await bench.driver.find(id))?.spec ?? {};
      assert.deepEqual([...disks.map(({ device = 'vda' }) => device), ...interfaces.map(({ mac }) => mac)], ['vda', ...next]);
    };
    const refused =
      (kind: ErrorKind, words = /./) =>
      (error: unknown) =>
        error instanceof ComputeError && error.kind === kind && words.test(error.message);

    for (const [attach, detach, device] of PAIRS) {
      test(`${attach} and ${detach} of an instance that is off, each twice, at its next start`, async (t) => {
        const id = await spawned(t, 'shutdown');
        for (const verb of [attach, attach]) assert.equal((await VERBS[verb](bench.driver, id)).powerState, 'shutdown');
        await has(id, [device]);
        await bench.driver.start({ ...request(id), start: {} });
        await has(id, [device]);
        await stop(id);
        for (const verb of [detach, detach]) await VERBS[verb](bench.driver, id);
        await has(id, []);
      });

      const CUTS: readonly (readonly [PlugVerb, readonly ChangeStep[]])[] = [
        [attach, attach === 'attachDisk' ? ['makeDisk', 'redefine', 'record'] : ['redefine', 'record']],
        [detach, detach === 'detachDisk' ? ['redefine', 'removeDisk', 'record'] : ['redefine', 'record']],
      ];
      for (const [verb, steps] of CUTS) {
        for (const step of steps) {
          test(`${verb} cut off after ${step} comes to its end`, async (t) => {
            const id = await spawned(t, 'shutdown');
            if (verb === detach) await VERBS[attach](bench.driver, id);
            const key = randomUUID();
            const driver = await bench.cutOffIn(step, (dead) => VERBS[verb](dead, id, key));
            await VERBS[verb](driver, id, key);
            await has(id, verb === attach ? [device] : []);
            await driver.close();
          });
        }
      }

      test(`${attach} and ${detach} of an instance that is suspended: what is so already is done, and nothing else`, async (t) => {
        const id = await spawned(t, 'shutdown');
        const { driver } = bench;
        const suspended = async () => {
          await driver.start({ ...request(id), start: {} });
          await driver.suspend({ ...request(id), bypassCache: false });
        };
        await suspended();
        await assert.rejects(VERBS[attach](driver, id), refused('precondition', /resume it first/));
        assert.equal((await VERBS[detach](driver, id)).powerState, 'suspended');
        await driver.resume({ ...request(id), bypassCache: false });
        await stop(id);
        await VERBS[attach](driver, id);
        await suspended();
        assert.equal((await VERBS[attach](driver, id)).powerState, 'suspended');
        await assert.rejects(VERBS[detach](driver, id), refused('precondition', /resume it first/));
        await has(id, [device]);
      });

      test(`${attach} and ${detach} of an instance that runs`, async (t) => {
        const id = await spawned(t, 'running');
        if (bench.plugs === 'off') return assert.rejects(VERBS[attach](bench.driver, id), refused('unsupported'));
        for (const verb of [attach, attach]) await VERBS[verb](bench.driver, id);
        await has(id, [device]);
        if (bench.plugs === 'live') await VERBS[detach](bench.driver, id);
        await has(id, bench.plugs === 'live' ? [] : [device]);
      });

      test(`${detach} of what the guest does not let go of says so, and succeeds once it is off`, async (t) => {
        if (bench.plugs === 'off') return t.skip('its guests take nothing while they run');
        const id = await spawned(t, 'running');
        await VERBS[attach](bench.driver, id);
        bench.cling?.(id);
        await assert.rejects(VERBS[detach](bench.driver, id), refused('timeout', /has not let go/));
        await has(id, [device]);
        await stop(id);
        await VERBS[detach](bench.driver, id);
        await has(id, []);
      });
    }

    test('a disk that is attached with another size is not what was asked for', async (t) => {
      const id = await spawned(t, 'shutdown');
      await VERBS.attachDisk(bench.driver, id);
      const other = { ...request(id), device: 'vdb', disk: { sizeMiB: 2 } };
      await assert.rejects(bench.driver.attachDisk(other), refused('already-exists', /1 MiB/));
      await has(id, ['vdb']);
      await VERBS.attachDisk(bench.driver, id);
    });

    test('a disk that the instance was made with is not attached over, and not detached', async (t) => {
      const id = await spawned(t, 'shutdown');
      const { driver } = bench;
      await assert.rejects(driver.attachDisk({ ...request(id), device: 'vda', disk: { sizeMiB: 1 } }), refused('already-exists'));
      await assert.rejects(driver.detachDisk({ ...request(id), device: 'vda', remove: true, ...grace }), refused('precondition'));
      await has(id, []);
    });
  });
}
