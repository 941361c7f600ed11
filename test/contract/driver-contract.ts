import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { ComputeError, type ErrorKind } from '../../services/common/errors.js';
import type { RemoteImage } from '../../services/common/messages/images.js';
import { InstanceSpec } from '../../services/common/messages/instance-spec.js';
import type { StartOptions } from '../../services/common/messages/instance-spec.js';
import { specHash } from '../../services/common/spec-hash.js';
import { type ChangeStep, type Driver, SPAWN_STEPS, type SpawnRequest, type SpawnStep } from '../../services/compute/ports.js';

/** One kind of driver with its hypervisor, as the contract needs to see it. */
export interface DriverBench {
  readonly driver: Driver;
  /** What every spec of this bench has: sizes that the hypervisor can really run. */
  readonly sizes: { readonly vcpus: number; readonly memoryMiB: number };
  readonly canStartPaused: boolean;
  /** A domain under this id that is not ours. */
  makeForeign(id: string): Promise<void>;
  /** As if somebody had pulled the plug behind our back. */
  pullThePlug(id: string): Promise<void>;
  /** As if somebody had saved its memory to the disk and stopped it behind our back. */
  suspendToDisk(id: string): Promise<void>;
  /** As if somebody had taken the guest and its definition away behind our back; its files stay. */
  undefine(id: string): Promise<void>;
  /** The user's name as the hypervisor kept it. */
  nameOf(id: string): Promise<string>;
  /** Whatever is left of an instance: domain, files. Empty when nothing is. */
  traces(id: string): Promise<string[]>;
  /** A spawn cut off right after `step`, as by SIGKILL, and the driver that comes after the restart. */
  cutOffAfter(step: SpawnStep, request: SpawnRequest): Promise<Driver>;
  /** A change cut off right after `step`, and the driver that comes after the restart. */
  cutOffIn(step: ChangeStep, change: (driver: Driver) => Promise<unknown>): Promise<Driver>;
  /** The driver of a worker that was started again. */
  reopen(): Driver;
  /** As if the guest had written this on its console, and nothing before. */
  consoleOf(id: string, text: string): Promise<void>;
  /** An image that can be fetched; the same one each time. */
  image(): Promise<RemoteImage>;
  /** Whether its guests, when they run, take new devices, and let go of one. `stubborn` guests never do. */
  readonly plugs: 'live' | 'stubborn' | 'off';
  /** Disks by device and interfaces by address: in the guest as it stands, and at its next start. */
  devicesOf(id: string): Promise<{ readonly now: readonly string[]; readonly next: readonly string[] }>;
  /** From now on this guest has an agent that answers; absent: no guest of this bench ever has. */
  giveAgent?(id: string): void;
  /** From now on this guest lets go of nothing. */
  cling?(id: string): void;
  /** What a disk of the spawn is an overlay of; null: it is of its own. */
  baseOf(id: string, device: string): Promise<string | null>;
  /** What the hypervisor starts next time, as a whole; absent: nothing that could be compared. */
  definitionOf?(id: string): Promise<string>;
  /** Whether a disk of a guest that runs can be copied. */
  readonly copiesLive: boolean;
  /** Virtual size of a disk, in MiB. */
  diskMiB(id: string, device: string): Promise<number>;
  close(): Promise<void>;
}

const MINUTE = 60_000;

/** What an attempt has made when it is cut off after a step, in the order in which it is taken away. */
const MADE_BY = {
  images: [],
  disks: ['files'],
  define: ['domain', 'files'],
  start: ['guest', 'domain', 'files'],
  started: ['guest', 'domain', 'files'],
} satisfies Record<SpawnStep, string[]>;

/** What every driver promises to the handlers; run on the fake, libvirt's test driver and QEMU alike. */
export function driverContract(name: string, open: () => Promise<DriverBench>): void {
  describe(`driver contract: ${name}`, () => {
    let bench: DriverBench;
    before(async () => {
      bench = await open();
    });
    after(() => bench?.close());

    const request = (changes: { id?: string; name?: string; memoryMiB?: number; start?: StartOptions; deadline?: number } = {}) => {
      const { start = {}, deadline = Date.now() + MINUTE, ...wish } = changes;
      const spec = InstanceSpec.parse({ id: randomUUID(), name: 'guest', ...bench.sizes, metadata: { team: 'a & b' }, ...wish });
      return { spec, start, specHash: specHash(spec), generation: 1, requestId: 'req-1', deadline } satisfies SpawnRequest;
    };
    const end = (id: string) => bench.driver.destroy(id, { deadline: Date.now() + MINUTE });
    const refused = (kind: ErrorKind) => (error: unknown) => error instanceof ComputeError && error.kind === kind;

    test('a spawn leaves a running guest, and find tells what it was made from', async () => {
      const wish = request();
      const { id } = wish.spec;
      const state = await bench.driver.spawn(wish);
      assert.deepEqual(state, {
        instanceId: id,
        powerState: 'running',
        domainName: `novalet-${id}`,
        specHash: wish.specHash,
        generation: 1,
      });
      const { specHash, generation } = wish;
      const desired = { powerState: 'running', autodestroy: false };
      const metadata = { team: 'a & b' };
      const found = {
        id,
        specHash,
        generation,
        requestId: 'req-1',
        powerState: 'running',
        committed: true,
        desired,
        metadata,
        spec: wish.spec,
        domainName: `novalet-${id}`,
      };
      assert.deepEqual(await bench.driver.find(id), found);
      await end(id);
    });

    test('an image is fetched once, by whomever, and then found', async () => {
      const image = await bench.image();
      const fetch = () => bench.driver.prefetch({ image, deadline: Date.now() + MINUTE });
      const first = await fetch();
      assert.deepEqual([first.sha256, first.fetched], [image.sha256, true]);
      assert.deepEqual(await fetch(), { ...first, fetched: false });
      assert.equal((await bench.reopen().prefetch({ image, deadline: Date.now() + MINUTE })).fetched, false);
    });

    test('an unknown id is found to be nothing', async () => {
      assert.equal(await bench.driver.find(randomUUID()), null);
    });

    test('the steps are told of in their order', async () => {
      const steps: string[] = [];
      const wish = request();
      await bench.driver.spawn(wish, (step) => steps.push(step));
      assert.deepEqual(steps, SPAWN_STEPS);
      await end(wish.spec.id);
    });

    test('a guest asked to start paused is paused', async (t) => {
      if (!bench.canStartPaused) return t.skip('this hypervisor has no start flags');
      const wish = request({ start: { paused: true } });
      assert.equal((await bench.driver.spawn(wish)).powerState, 'paused');
      await end(wish.spec.id);
    });

    test('a second spawn of the same spec reports the state and does nothing', async () => {
      const wish = request();
      await bench.driver.spawn(wish);
      const steps: string[] = [];
      const again = await bench.driver.spawn(wish, (step) => steps.push(step));
      assert.deepEqual([again.powerState, steps], ['running', []]);
      await end(wish.spec.id);
    });

    test('a guest that stopped after its spawn is reported as it is, not started again', async () => {
      const wish = request();
      await bench.driver.spawn(wish);
      await bench.pullThePlug(wish.spec.id);
      assert.equal((await bench.driver.spawn(wish)).powerState, 'shutdown');
      await end(wish.spec.id);
    });

    test('a guest whose memory is saved on the disk is suspended, and not woken by a copy of its spawn', async () => {
      const wish = request();
      await bench.driver.spawn(wish);
      await bench.suspendToDisk(wish.spec.id);
      assert.equal((await bench.driver.find(wish.spec.id))?.powerState, 'suspended');
      assert.equal((await bench.driver.spawn(wish)).powerState, 'suspended');
      await end(wish.spec.id);
      assert.deepEqual(await bench.traces(wish.spec.id), []);
    });

    test('a spawn whose guest was taken away behind our back is not done again: it says so, and what to do', async () => {
      const wish = request();
      await bench.driver.spawn(wish);
      await bench.undefine(wish.spec.id);
      const before = await bench.traces(wish.spec.id);
      await assert.rejects(bench.driver.spawn(wish), (error: unknown) => {
        assert.ok(error instanceof ComputeError);
        assert.equal(error.kind, 'precondition');
        assert.match(error.message, /taken away outside of novalet; destroy the instance; to use the id again, spawn generation 2$/);
        return true;
      });
      const found = await bench.driver.find(wish.spec.id);
      assert.deepEqual([found?.powerState, found?.committed], [null, true]);
      assert.deepEqual(await bench.traces(wish.spec.id), before);
      await end(wish.spec.id);
      assert.deepEqual(await bench.traces(wish.spec.id), []);
    });

    test('another spec under the same id is refused and touches nothing', async () => {
      const first = request();
      await bench.driver.spawn(first);
      const other = request({ id: first.spec.id, name: 'another' });
      await assert.rejects(bench.driver.spawn(other), refused('already-exists'));
      const found = await bench.driver.find(first.spec.id);
      assert.deepEqual([found?.powerState, found?.specHash], ['running', first.specHash]);
      await end(first.spec.id);
    });

    test('another generation under the same id is refused and touches nothing', async () => {
      const first = request();
      await bench.driver.spawn(first);
      await assert.rejects(bench.driver.spawn({ ...first, generation: first.generation + 1 }), refused('already-exists'));
      assert.equal((await bench.driver.find(first.spec.id))?.generation, first.generation);
      await end(first.spec.id);
    });

    test('a domain that is not ours is neither spawned over, found, nor destroyed', async () => {
      const wish = request();
      await bench.makeForeign(wish.spec.id);
      const before = await bench.traces(wish.spec.id);
      await assert.rejects(bench.driver.spawn(wish), refused('already-exists'));
      await assert.rejects(end(wish.spec.id), refused('conflict'));
      assert.equal(await bench.driver.find(wish.spec.id), null);
      assert.deepEqual(await bench.traces(wish.spec.id), before);
    });

    test('destroy leaves nothing, and twice is as good as once', async () => {
      const wish = request();
      const { id } = wish.spec;
      await bench.driver.spawn(wish);
      const result = await end(id);
      assert.deepEqual([result.instanceId, result.existed], [id, true]);
      assert.deepEqual(await bench.traces(id), []);
      assert.deepEqual(await end(id), { instanceId: id, existed: false, removed: [] });
      assert.equal(await bench.driver.find(id), null);
    });

    test('an id can be used again after its destroy', async () => {
      const wish = request();
      await bench.driver.spawn(wish);
      await end(wish.spec.id);
      assert.equal((await bench.driver.spawn({ ...wish, generation: 2 })).generation, 2);
      await end(wish.spec.id);
    });

    test('a spawn past its deadline ends in a timeout and leaves nothing', async () => {
      const wish = request({ deadline: Date.now() - 1 });
      await assert.rejects(bench.driver.spawn(wish), refused('timeout'));
      assert.deepEqual(await bench.traces(wish.spec.id), []);
    });

    for (const step of SPAWN_STEPS) {
      test(`a spawn cut off after ${step} is resumed to one running guest`, async () => {
        const wish = request();
        const driver = await bench.cutOffAfter(step, wish);
        assert.notEqual((await driver.find(wish.spec.id))?.committed, true);
        assert.equal((await driver.spawn(wish)).powerState, 'running');
        assert.equal((await driver.find(wish.spec.id))?.committed, true);
        await driver.destroy(wish.spec.id, { deadline: Date.now() + MINUTE });
        assert.deepEqual(await bench.traces(wish.spec.id), []);
        if (driver !== bench.driver) await driver.close();
      });

      test(`a spawn cut off after ${step} can be destroyed instead`, async () => {
        const wish = request();
        const driver = await bench.cutOffAfter(step, wish);
        await driver.destroy(wish.spec.id, { deadline: Date.now() + MINUTE });
        assert.deepEqual(await bench.traces(wish.spec.id), []);
        if (driver !== bench.driver) await driver.close();
      });

      test(`a spawn cut off after ${step} can be abandoned: what it left goes, and that is told`, async () => {
        const wish = request();
        const driver = await bench.cutOffAfter(step, wish);
        assert.deepEqual(await driver.abandon(wish), { cleanedUp: MADE_BY[step], leftovers: [] });
        assert.deepEqual(await bench.traces(wish.spec.id), []);
        assert.deepEqual(await driver.abandon(wish), { cleanedUp: [], leftovers: [] });
        if (driver !== bench.driver) await driver.close();
      });
    }

    test('a spawn that came to its end is not abandoned but reported', async () => {
      const wish = request();
      const state = await bench.driver.spawn(wish);
      assert.deepEqual(await bench.driver.abandon(wish), { instance: state, cleanedUp: [], leftovers: [] });
      assert.equal((await bench.driver.find(wish.spec.id))?.powerState, 'running');
      await end(wish.spec.id);
    });

    test('who abandons a spawn touches no other wish, no other generation, and no domain that is not ours', async () => {
      const wish = request();
      const { id } = wish.spec;
      const nothing = { cleanedUp: [], leftovers: [] };
      const driver = await bench.cutOffAfter('start', wish);
      const before = await bench.traces(id);
      assert.deepEqual(await driver.abandon(request({ id, name: 'another' })), nothing);
      assert.deepEqual(await driver.abandon({ ...wish, generation: 2 }), nothing);
      assert.deepEqual(await bench.traces(id), before);
      assert.equal((await driver.find(id))?.powerState, 'running');
      await driver.destroy(id, { deadline: Date.now() + MINUTE });
      await bench.makeForeign(id);
      const foreign = await bench.traces(id);
      assert.deepEqual(await driver.abandon(wish), nothing);
      assert.deepEqual(await bench.traces(id), foreign);
      if (driver !== bench.driver) await driver.close();
    });

    for (const hostile of ['a"><x/>&', "]]>--<!-- '%s' $(id) \\", '🦆'.repeat(63), 'é'.repeat(127) + 'x', '  spaces  ']) {
      test(`the name ${JSON.stringify(hostile.slice(0, 24))} is kept to the byte`, async () => {
        const wish = request({ name: hostile });
        await bench.driver.spawn(wish);
        assert.equal(await bench.nameOf(wish.spec.id), hostile);
        await end(wish.spec.id);
      });
    }

    test('eight instances at once do not mind each other', async () => {
      const wishes = Array.from({ length: 8 }, () => request());
      const states = await Promise.all(wishes.map((wish) => bench.driver.spawn(wish)));
      assert.deepEqual(new Set(states.map((state) => state.powerState)), new Set(['running']));
      await Promise.all(wishes.map((wish) => end(wish.spec.id)));
      assert.deepEqual((await Promise.all(wishes.map((wish) => bench.traces(wish.spec.id)))).flat(), []);
    });

    test('a hypervisor that is there answers a ping', async () => {
      await bench.driver.ping(2000);
    });
  });
}
