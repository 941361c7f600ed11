import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test, type TestContext } from 'node:test';
import { InstanceSpec } from '../../services/common/messages/instance-spec.js';
import { specHash } from '../../services/common/spec-hash.js';
import type { SpawnRequest } from '../../services/compute/ports.js';
import { Inbox } from '../support/inbox.js';
import type { DriverBench } from './driver-contract.js';

const MINUTE = 60_000;
const RUNNING = { generation: 1, committed: true, desired: { powerState: 'running', autodestroy: false } } as const;

/** What every driver shows of its host, whoever changed it. */
export function sightContract(name: string, open: () => Promise<DriverBench>): void {
  describe(`sight contract: ${name}`, () => {
    let bench: DriverBench;
    before(async () => {
      bench = await open();
    });
    after(() => bench?.close());

    const request = (): SpawnRequest => {
      const spec = InstanceSpec.parse({ id: randomUUID(), name: 'guest', ...bench.sizes });
      return { spec, start: {}, specHash: specHash(spec), generation: 1, requestId: 'req-1', deadline: Date.now() + MINUTE };
    };
    const made = async (t: TestContext): Promise<string> => {
      const wish = request();
      await bench.driver.spawn(wish);
      t.after(() => bench.driver.destroy(wish.spec.id, { deadline: Date.now() + MINUTE }));
      return wish.spec.id;
    };
    const surveyed = async (id: string) => (await bench.driver.survey()).sightings.find((sighting) => sighting.id === id);
    /** Hears of one id, as `<state> <reason>` or the bare word. */
    const ear = async (t: TestContext, id: string): Promise<Inbox<string>> => {
      const words = new Inbox<string>();
      const listening = new Inbox<void>();
      const unwatch = bench.driver.watch({
        changed: (of, powerState, reason) => of === id && words.push(`${powerState} ${reason}`),
        appeared: (of) => of === id && words.push('appeared'),
        vanished: (of) => of === id && words.push('vanished'),
        listening: () => listening.push(),
      });
      t.after(unwatch);
      await listening.next();
      return words;
    };

    test('a survey shows an instance as a look at it does: how it stands and where it belongs', async (t) => {
      const id = await made(t);
      const sighting = { id, powerState: 'running', generation: 1, memory: RUNNING };
      assert.deepEqual(await surveyed(id), sighting);
      assert.deepEqual(await bench.driver.sight(id), sighting);
      assert.deepEqual(await bench.driver.recall(id), RUNNING);
    });

    test('what somebody switched off, or saved to the disk, is shown as it stands', async (t) => {
      const [off, saved] = [await made(t), await made(t)];
      await bench.pullThePlug(off);
      await bench.suspendToDisk(saved);
      assert.deepEqual([(await surveyed(off))?.powerState, (await surveyed(saved))?.powerState], ['shutdown', 'suspended']);
    });

    test('a spawn that was cut off is shown as not committed', async (t) => {
      const wish = request();
      await bench.cutOffAfter('define', wish);
      t.after(() => bench.driver.destroy(wish.spec.id, { deadline: Date.now() + MINUTE }));
      const { powerState, memory } = (await surveyed(wish.spec.id)) ?? {};
      assert.deepEqual([powerState, memory?.committed], ['shutdown', false]);
    });

    test('an instance whose domain somebody took away is shown without a state', async (t) => {
      const id = await made(t);
      await bench.undefine(id);
      const sighting = { id, powerState: null, generation: 1, memory: RUNNING };
      assert.deepEqual([await surveyed(id), await bench.driver.sight(id)], [sighting, sighting]);
    });

    test('domains of others are counted, and nothing else', async () => {
      const { foreign: before } = await bench.driver.survey();
      const id = randomUUID();
      await bench.makeForeign(id);
      const { foreign, sightings } = await bench.driver.survey();
      assert.equal(foreign, before + 1);
      assert.ok(!sightings.some((sighting) => sighting.id === id));
      assert.equal(await bench.driver.sight(id), null);
    });

    test('nothing is seen or recalled under an unknown id', async () => {
      assert.deepEqual([await bench.driver.sight(randomUUID()), await bench.driver.recall(randomUUID())], [null, null]);
    });

    test('what somebody does behind our back is heard', async (t) => {
      const id = await made(t);
      const words = await ear(t, id);
      await bench.pullThePlug(id);
      assert.equal(await words.next(), 'shutdown destroyed');
      await bench.undefine(id);
      await words.find((word) => word === 'vanished');
    });

    test('what our own commands do is heard as well', async (t) => {
      const wish = request();
      const { id } = wish.spec;
      const words = await ear(t, id);
      await bench.driver.spawn(wish);
      await words.find((word) => word === 'running started');
      await bench.driver.destroy(id, { deadline: Date.now() + MINUTE });
      await words.find((word) => word === 'vanished');
    });
  });
}
