import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { asComputeError, ComputeError } from '../../services/common/errors.js';
import { InstanceSpec } from '../../services/common/messages/instance-spec.js';
import { specHash } from '../../services/common/spec-hash.js';
import { type ProgressListener, SPAWN_STEPS, type SpawnRequest } from '../../services/compute/ports.js';
import type { DriverBench } from './driver-contract.js';

/** What every driver promises to whoever does not want the work any more. */
export function calledOffContract(name: string, open: () => Promise<DriverBench>): void {
  describe(`work that is called off: ${name}`, () => {
    let bench: DriverBench;
    before(async () => {
      bench = await open();
    });
    after(() => bench?.close());

    const reason = new ComputeError('cancelled', 'called off by the test');
    const deadline = () => Date.now() + 60_000;
    const request = (): SpawnRequest => {
      const spec = InstanceSpec.parse({ id: randomUUID(), name: 'guest', ...bench.sizes, disks: [{ sizeMiB: 1 }] });
      return { spec, start: {}, specHash: specHash(spec), generation: 1, requestId: 'req-1', deadline: deadline() };
    };
    /** What calls off at the beginning of a phase. */
    const callingOffAt = (phase: string): { signal: AbortSignal; onProgress: ProgressListener } => {
      const controller = new AbortController();
      return { signal: controller.signal, onProgress: (progress) => progress.phase === phase && controller.abort(reason) };
    };

    for (const step of SPAWN_STEPS) {
      test(`a spawn called off as it comes to ${step} leaves nothing, says why and what it took away`, async () => {
        const wish = request();
        const error = await bench.driver.spawn({ ...wish, ...callingOffAt(step) }).then(() => assert.fail('it was done'), asComputeError);
        assert.deepEqual([error.kind, error.message], ['cancelled', reason.message]);
        assert.deepEqual(await bench.traces(wish.spec.id), []);
        assert.equal(error.details.leftovers, undefined);
        assert.equal((error.details.cleanedUp ?? []).includes('guest'), step === 'started');
      });
    }

    test('a stop that waits for its guest is called off at once, and the instance can be taken away', async () => {
      const wish = request();
      const { id } = wish.spec;
      await bench.driver.spawn(wish);
      const stop = { id, key: 'k', deadline: deadline(), graceMs: 50_000, ...callingOffAt('shutdown') };
      await assert.rejects(bench.driver.stop(stop), /called off by the test/);
      assert.equal((await bench.driver.destroy(id, { deadline: deadline() })).existed, true);
      assert.deepEqual(await bench.traces(id), []);
    });

    test('what is called off before it begins does nothing', async () => {
      const wish = request();
      await assert.rejects(bench.driver.spawn({ ...wish, signal: AbortSignal.abort(reason) }), /called off by the test/);
      assert.deepEqual(await bench.traces(wish.spec.id), []);
    });
  });
}
