import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test, type TestContext } from 'node:test';
import { InstanceSpec } from '../../services/common/messages/instance-spec.js';
import { specHash } from '../../services/common/spec-hash.js';
import type { DriverBench } from './driver-contract.js';

const MINUTE = 60_000;

/** What every driver tells of its host beside the instances. */
export function hostViewContract(name: string, open: () => Promise<DriverBench>): void {
  describe(`host view contract: ${name}`, () => {
    let bench: DriverBench;
    before(async () => {
      bench = await open();
    });
    after(() => bench?.close());

    const made = async (t: TestContext): Promise<string> => {
      const spec = InstanceSpec.parse({ id: randomUUID(), name: 'guest', ...bench.sizes });
      const deadline = Date.now() + MINUTE;
      await bench.driver.spawn({ spec, start: {}, specHash: specHash(spec), generation: 1, requestId: 'req-1', deadline });
      t.after(() => bench.driver.destroy(spec.id, { deadline: Date.now() + MINUTE }));
      return spec.id;
    };

    test('it says what hypervisor there is, and which kind of processor', async () => {
      const { hypervisor, architecture, firmwares } = await bench.driver.facts();
      assert.match(hypervisor ?? '', /^\w+ \d+\.\d+\.\d+$/);
      assert.match(architecture ?? '', /^\w+$/);
      assert.ok(firmwares.includes('bios'));
    });

    test('what a guest takes is counted as claimed', async (t) => {
      const claimed = async () => (await bench.driver.rooms())?.find(({ resource }) => resource === 'vcpus')?.claimed;
      const before = await claimed();
      await made(t);
      if (before !== undefined) assert.equal(await claimed(), before + bench.sizes.vcpus);
    });

    test('a domain of somebody else is told of as that, and ours is not', async (t) => {
      const [ours, theirs] = [await made(t), randomUUID()];
      await bench.makeForeign(theirs);
      const all = await bench.driver.foreignDomains();
      const [found] = all.filter(({ id }) => id === theirs);
      assert.deepEqual([found?.name, found?.suspected], [`foreign-${theirs}`, null]);
      assert.ok(!all.some(({ id }) => id === ours));
    });

    test('a console is read from where its reader is', async (t) => {
      const id = await made(t);
      const reader = await bench.driver.openConsole({ id, deadline: Date.now() + MINUTE });
      const size = await reader.size();
      assert.equal((await reader.read(0, 1024)).length, Math.min(size, 1024));
      await reader.close();
      await assert.rejects(bench.driver.openConsole({ id: randomUUID(), deadline: Date.now() + MINUTE }), { kind: 'not-found' });
    });
  });
}
