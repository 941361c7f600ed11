import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { ComputeError, type ErrorKind } from '../../services/common/errors.js';
import { InstanceSpec } from '../../services/common/messages/instance-spec.js';
import type { PowerState } from '../../services/common/messages/power-state.js';
import { specHash } from '../../services/common/spec-hash.js';
import type { ChangeStep, Driver } from '../../services/compute/ports.js';
import type { DriverBench } from './driver-contract.js';

const MINUTE = 60_000;

type State = Extract<PowerState, 'running' | 'paused' | 'shutdown' | 'suspended'>;
type Change = (driver: Driver, id: string, key?: string) => ReturnType<Driver['pause']>;

const request = (id: string, key: string = randomUUID()) => ({ id, key, deadline: Date.now() + MINUTE });

type VerbName = 'start' | 'stop' | 'stop at once' | 'reboot softly' | 'reboot hard' | 'pause' | 'unpause' | 'suspend' | 'resume';

const VERBS: Readonly<Record<VerbName, Change>> = {
  start: (driver, id, key) => driver.start({ ...request(id, key), start: {} }),
  stop: (driver, id, key) => driver.stop({ ...request(id, key), graceMs: 500 }),
  'stop at once': (driver, id, key) => driver.stop({ ...request(id, key), graceMs: 0 }),
  'reboot softly': (driver, id, key) => driver.reboot({ ...request(id, key), mode: 'soft', graceMs: 500 }),
  'reboot hard': (driver, id, key) => driver.reboot({ ...request(id, key), mode: 'hard', graceMs: 0 }),
  pause: (driver, id, key) => driver.pause(request(id, key)),
  unpause: (driver, id, key) => driver.unpause(request(id, key)),
  suspend: (driver, id, key) => driver.suspend({ ...request(id, key), bypassCache: false }),
  resume: (driver, id, key) => driver.resume({ ...request(id, key), bypassCache: false }),
};

/** How an instance comes into a state from running. */
const WAYS: Readonly<Record<State, Change | null>> = {
  running: null,
  paused: VERBS.pause,
  shutdown: VERBS['stop at once'],
  suspended: VERBS.suspend,
};

/** Where each verb leads from running, paused, shutdown, suspended; `-`: a precondition that is not met. */
const TABLE: Readonly<Record<VerbName, string>> = {
  start: 'running - running -',
  stop: 'shutdown - shutdown -',
  'stop at once': 'shutdown shutdown shutdown -',
  'reboot softly': 'running - - -',
  'reboot hard': 'running running running running',
  pause: 'paused paused - -',
  unpause: 'running running - -',
  suspend: 'suspended - - suspended',
  resume: 'running - - running',
};

/** Each verb with the steps that it does from a state, and where it leads. */
const STEPS: readonly [verb: VerbName, from: State, steps: readonly ChangeStep[], to: State][] = [
  ['start', 'shutdown', ['start', 'started', 'record'], 'running'],
  ['stop', 'running', ['shutdown', 'record'], 'shutdown'],
  ['stop at once', 'running', ['stop', 'record'], 'shutdown'],
  ['reboot softly', 'running', ['shutdown', 'start', 'started', 'record'], 'running'],
  ['reboot hard', 'running', ['stop', 'start', 'started', 'record'], 'running'],
  ['reboot hard', 'suspended', ['start', 'record'], 'running'],
  ['pause', 'running', ['pause', 'record'], 'paused'],
  ['unpause', 'paused', ['unpause', 'record'], 'running'],
  ['suspend', 'running', ['suspend', 'record'], 'suspended'],
  ['resume', 'suspended', ['start', 'started', 'record'], 'running'],
];

/** What every driver promises of the verbs; run on the fake, a pretended libvirt, libvirt's test driver and QEMU alike. */
export function verbsContract(name: string, open: () => Promise<DriverBench>): void {
  describe(`verbs contract: ${name}`, () => {
    let bench: DriverBench;
    before(async () => {
      bench = await open();
    });
    after(() => bench?.close());

    const spawned = async (t: { after(end: () => Promise<unknown>): void }, state: State = 'running', metadata = {}) => {
      const spec = InstanceSpec.parse({ id: randomUUID(), name: 'guest', ...bench.sizes, metadata });
      const wish = { spec, start: {}, specHash: specHash(spec), generation: 1, requestId: 'req-1', deadline: Date.now() + MINUTE };
      await bench.driver.spawn(wish);
      t.after(() => bench.driver.destroy(spec.id, { deadline: Date.now() + MINUTE }));
      await WAYS[state]?.(bench.driver, spec.id);
      return { id: spec.id, wish };
    };
    const refused =
      (kind: ErrorKind, words = /./) =>
      (error: unknown) =>
        error instanceof ComputeError && error.kind === kind && words.test(error.message);
    const desiredOf = async (driver: Driver, id: string) => (await driver.find(id))?.desired.powerState;

    for (const [verb, row] of Object.entries(TABLE) as [VerbName, string][]) {
      for (const [i, state] of (Object.keys(WAYS) as State[]).entries()) {
        const to = row.split(' ')[i]!;
        test(`${verb} of an instance that is ${state}: ${to === '-' ? 'refused' : to}`, async (t) => {
          const { id } = await spawned(t, state);
          const change = VERBS[verb](bench.driver, id);
          if (to === '-') await assert.rejects(change, refused('precondition', new RegExp(`is ${state};`)));
          else assert.equal((await change).powerState, to);
          const left = to === '-' ? state : to;
          const found = await bench.driver.find(id);
          assert.deepEqual([found?.powerState, found?.desired.powerState], [left, left]);
        });
      }
    }

    for (const [verb, from, steps, to] of STEPS) {
      for (const step of steps) {
        test(`${verb} of an instance that was ${from}, cut off after ${step}, ends ${to}`, async (t) => {
          const { id } = await spawned(t, from);
          const key = randomUUID();
          const driver = await bench.cutOffIn(step, (dead) => VERBS[verb](dead, id, key));
          assert.equal((await VERBS[verb](driver, id, key)).powerState, to);
          assert.equal(await desiredOf(driver, id), to);
          await driver.close();
        });
      }
    }

    test('a command that was done is not done again, whatever happened since', async (t) => {
      const { id } = await spawned(t);
      const { driver } = bench;
      await VERBS['stop at once'](driver, id, 'k-1');
      await VERBS.start(driver, id, 'k-2');
      assert.equal((await VERBS['stop at once'](driver, id, 'k-1')).powerState, 'running');
      assert.equal((await VERBS.pause(driver, id, 'k-1')).powerState, 'paused'); // another verb under the same key is another command
      const restarted = bench.reopen();
      assert.equal((await VERBS['stop at once'](restarted, id, 'k-1')).powerState, 'paused');
      assert.equal(await desiredOf(restarted, id), 'paused');
      await restarted.close();
    });

    test('a reboot that was cut off once the guest had started is not a second reboot', async (t) => {
      const { id } = await spawned(t);
      const driver = await bench.cutOffIn('started', (dead) => VERBS['reboot hard'](dead, id, 'r-1'));
      const steps: string[] = [];
      await driver.reboot({ ...request(id, 'r-1'), mode: 'hard', graceMs: 0 }, (step) => steps.push(step));
      assert.deepEqual(steps, ['record']);
      await driver.close();
    });

    test('an instance that is not there is not found, by any verb', async () => {
      const id = randomUUID();
      for (const verb of Object.values(VERBS)) await assert.rejects(verb(bench.driver, id), refused('not-found'));
      await assert.rejects(bench.driver.setMetadata({ ...request(id), metadata: {} }), refused('not-found'));
      await assert.rejects(bench.driver.console({ ...request(id), maxBytes: 1 }), refused('not-found'));
      await assert.rejects(bench.driver.diagnostics(request(id)), refused('not-found'));
    });

    test('a domain that is not ours is refused by every verb, and stays as it is', async () => {
      const id = randomUUID();
      await bench.makeForeign(id);
      const before = await bench.traces(id);
      for (const verb of Object.values(VERBS)) await assert.rejects(verb(bench.driver, id), refused('conflict'));
      await assert.rejects(bench.driver.setMetadata({ ...request(id), metadata: {} }), refused('conflict'));
      await assert.rejects(bench.driver.console({ ...request(id), maxBytes: 1 }), refused('conflict'));
      await assert.rejects(bench.driver.diagnostics(request(id)), refused('conflict'));
      assert.deepEqual(await bench.traces(id), before);
    });

    test('a verb for another generation leaves this one alone', async (t) => {
      const { id } = await spawned(t);
      await assert.rejects(bench.driver.stop({ ...request(id), generation: 2, graceMs: 0 }), refused('conflict', /generation 1/));
      assert.equal((await bench.driver.find(id))?.powerState, 'running');
    });

    test('an instance whose spawn was cut off is not changed before the spawn has come to its end', async () => {
      const spec = InstanceSpec.parse({ id: randomUUID(), name: 'half', ...bench.sizes });
      const wish = { spec, start: {}, specHash: specHash(spec), generation: 1, requestId: 'r', deadline: Date.now() + MINUTE };
      const driver = await bench.cutOffAfter('started', wish);
      await assert.rejects(VERBS['stop at once'](driver, spec.id), refused('precondition', /spawn has not come to its end/));
      await driver.spawn(wish);
      assert.equal((await VERBS['stop at once'](driver, spec.id)).powerState, 'shutdown');
      await driver.destroy(spec.id, { deadline: Date.now() + MINUTE });
      if (driver !== bench.driver) await driver.close();
    });

    test('an instance whose guest somebody took away is told of as such, by every verb', async (t) => {
      const { id } = await spawned(t);
      await bench.undefine(id);
      const gone = refused('precondition', /taken away outside of novalet; destroy the instance/);
      for (const verb of Object.values(VERBS)) await assert.rejects(verb(bench.driver, id), gone);
      await assert.rejects(bench.driver.console({ ...request(id), maxBytes: 1 }), gone);
      await assert.rejects(bench.driver.diagnostics(request(id)), gone);
    });

    test('an instance that was changed can be destroyed without a trace', async (t) => {
      const { id } = await spawned(t, 'suspended');
      await bench.driver.destroy(id, { deadline: Date.now() + MINUTE });
      assert.deepEqual(await bench.traces(id), []);
    });

    for (const state of ['running', 'shutdown'] as const) {
      test(`metadata of an instance that is ${state} is replaced to the byte, and a copy of its spawn is still one`, async (t) => {
        const { id, wish } = await spawned(t, state, { team: 'a & b', old: 'x' });
        const metadata = { team: '', 'a:b/c': `'"><x/>&amp; &#233; 🦆é `, spaces: '  ', 'k.1': ']]>' };
        await bench.driver.setMetadata({ ...request(id), metadata });
        assert.deepEqual((await bench.driver.find(id))?.metadata, metadata);
        await bench.driver.setMetadata({ ...request(id), metadata: { only: 'one' } });
        const found = await bench.driver.find(id);
        assert.deepEqual([found?.metadata, found?.powerState, found?.specHash], [{ only: 'one' }, state, wish.specHash]);
        assert.equal((await bench.driver.spawn(wish)).powerState, state);
        if (state === 'shutdown') await VERBS.start(bench.driver, id);
        else await VERBS['reboot hard'](bench.driver, id);
        assert.deepEqual((await bench.driver.find(id))?.metadata, { only: 'one' });
      });
    }

    test('the end of the console, and no more than was asked for', async (t) => {
      const { id } = await spawned(t);
      await bench.consoleOf(id, 'one\ntwo\nthree\n');
      const all = { text: 'one\ntwo\nthree\n', bytes: 14, truncated: false };
      assert.deepEqual(await bench.driver.console({ ...request(id), maxBytes: 1000 }), all);
      assert.deepEqual(await bench.driver.console({ ...request(id), maxBytes: 6 }), { text: 'three\n', bytes: 6, truncated: true });
    });

    test('diagnostics say what the guest has, and which parts nobody can tell', async (t) => {
      const { id } = await spawned(t);
      const running = await bench.driver.diagnostics(request(id));
      assert.deepEqual([running.instanceId, running.powerState, running.vcpuCount], [id, 'running', bench.sizes.vcpus]);
      assert.equal(running.maximumMemoryBytes, bench.sizes.memoryMiB * 1024 * 1024);
      await VERBS['stop at once'](bench.driver, id);
      const off = await bench.driver.diagnostics(request(id));
      assert.deepEqual([off.powerState, off.missing], ['shutdown', ['cpu', 'vcpus', 'interfaces', 'memory', 'disks']]);
    });
  });
}
