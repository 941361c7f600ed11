import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { ComputeError, type ErrorKind } from '../../services/common/errors.js';
import { InstanceSpec } from '../../services/common/messages/instance-spec.js';
import { specHash } from '../../services/common/spec-hash.js';
import type { Driver, SnapshotRequest } from '../../services/compute/ports.js';
import type { DriverBench } from './driver-contract.js';

const MINUTE = 60_000;

/** What every driver promises of a snapshot. */
export function snapshotContract(name: string, open: () => Promise<DriverBench>): void {
  describe(`snapshot contract: ${name}`, () => {
    let bench: DriverBench;
    before(async () => {
      bench = await open();
    });
    after(() => bench?.close());

    const request = (id: string, key: string = randomUUID()) => ({ id, key, deadline: Date.now() + MINUTE });
    const spawned = async (t: { after(end: () => Promise<unknown>): void }) => {
      const spec = InstanceSpec.parse({ id: randomUUID(), name: 'guest', ...bench.sizes, disks: [{ sizeMiB: 1 }, { sizeMiB: 2 }] });
      const deadline = Date.now() + MINUTE;
      await bench.driver.spawn({ spec, start: {}, specHash: specHash(spec), generation: 1, requestId: 'r', deadline });
      t.after(() => bench.driver.destroy(spec.id, { deadline: Date.now() + MINUTE }));
      return spec.id;
    };
    const snapshotOf = (id: string, more: Partial<SnapshotRequest> = {}) => {
      const file = `${randomUUID()}.qcow2`;
      return (driver: Driver, key?: string) => driver.snapshot({ ...request(id, key), device: 'vdb', name: file, ...more });
    };
    const refused = (kind: ErrorKind, words: RegExp) => (error: unknown) =>
      error instanceof ComputeError && error.kind === kind && words.test(error.message);

    for (const state of ['shutdown', 'running', 'paused'] as const) {
      test(`a snapshot of an instance that is ${state} is made once, and leaves it as it was`, async (t) => {
        if (state !== 'shutdown' && !bench.copiesLive) return t.skip('only while they are off');
        const id = await spawned(t);
        if (state === 'shutdown') await bench.driver.stop({ ...request(id), graceMs: 0 });
        if (state === 'paused') await bench.driver.pause(request(id));
        const take = snapshotOf(id);
        const key = randomUUID();
        const driver = await bench.cutOffIn('copy', (dead) => take(dead, key));
        const { snapshot, instance } = await take(driver, key);
        assert.equal(instance.powerState, state);
        assert.match(snapshot.sha256, /^[0-9a-f]{64}$/);
        assert.deepEqual((await take(driver, key)).snapshot, snapshot);
        await assert.rejects(take(driver, 'another'), refused('already-exists', /there is a file/));
        await driver.close();
      });
    }

    test('where nothing copies the disk of a guest that runs, it says so', async (t) => {
      if (bench.copiesLive) return t.skip('here something does');
      const id = await spawned(t);
      await assert.rejects(snapshotOf(id)(bench.driver), refused('unsupported', /stop it first/));
      assert.equal((await bench.driver.find(id))?.powerState, 'running');
    });

    test('file systems are brought to rest by the agent, or it is said that none answers', async (t) => {
      if (!bench.copiesLive) return t.skip('only while they are off');
      const id = await spawned(t);
      const take = snapshotOf(id, { quiesce: true });
      await assert.rejects(take(bench.driver), refused('precondition', /agent in the guest does not answer/));
      bench.giveAgent?.(id);
      if (bench.giveAgent) assert.equal((await take(bench.driver)).instance.powerState, 'running');
    });
  });
}
