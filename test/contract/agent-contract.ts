import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { ComputeError, type ErrorKind } from '../../services/common/errors.js';
import { InstanceSpec } from '../../services/common/messages/instance-spec.js';
import { specHash } from '../../services/common/spec-hash.js';
import type { Driver } from '../../services/compute/ports.js';
import type { DriverBench } from './driver-contract.js';

const MINUTE = 60_000;

type Change = (driver: Driver, id: string, key?: string) => ReturnType<Driver['quiesce']>;
const request = (id: string, key: string = randomUUID()) => ({ id, key, deadline: Date.now() + MINUTE });

const VERBS: Readonly<Record<string, Change>> = {
  setAdminPassword: (driver, id, key) => driver.setAdminPassword({ ...request(id, key), user: 'root', password: 'geheim' }),
  quiesce: (driver, id, key) => driver.quiesce(request(id, key)),
  unquiesce: (driver, id, key) => driver.unquiesce(request(id, key)),
};

/** What every driver promises of what is done inside the guest, and of where its consoles are. */
export function agentContract(name: string, open: () => Promise<DriverBench>): void {
  describe(`agent contract: ${name}`, () => {
    let bench: DriverBench;
    before(async () => {
      bench = await open();
    });
    after(() => bench?.close());

    const spawned = async (t: { after(end: () => Promise<unknown>): void }) => {
      const devices = { vnc: 'on' as const };
      const spec = InstanceSpec.parse({ id: randomUUID(), name: 'guest', ...bench.sizes, devices });
      const deadline = Date.now() + MINUTE;
      await bench.driver.spawn({ spec, start: {}, specHash: specHash(spec), generation: 1, requestId: 'r', deadline });
      t.after(() => bench.driver.destroy(spec.id, { deadline: Date.now() + MINUTE }));
      return spec.id;
    };
    const refused = (kind: ErrorKind, words: RegExp) => (error: unknown) =>
      error instanceof ComputeError && error.kind === kind && words.test(error.message) && !/geheim/.test(error.message);

    for (const [verb, change] of Object.entries(VERBS)) {
      test(`${verb} of a guest without an agent says what is missing`, async (t) => {
        const id = await spawned(t);
        await assert.rejects(change(bench.driver, id), refused('precondition', /agent in the guest does not answer/));
      });

      test(`${verb} is done by the guest's agent, and again under another key`, async (t) => {
        if (!bench.giveAgent) return t.skip('its guests have no agent');
        const id = await spawned(t);
        bench.giveAgent(id);
        for (let i = 0; i < 2; i++) assert.equal((await change(bench.driver, id)).powerState, 'running');
      });

      test(`${verb} of a guest that is off is refused`, async (t) => {
        const id = await spawned(t);
        await bench.driver.stop({ ...request(id), graceMs: 0 });
        await assert.rejects(change(bench.driver, id), refused('precondition', /is shutdown; start it first/));
      });
    }

    test('a guest that runs has an address for its console, and one that is off has none', async (t) => {
      const id = await spawned(t);
      const { serial } = await bench.driver.consoleAddress(request(id));
      assert.match(serial?.path ?? '', /^\/dev\/pts\/\d+$/);
      await bench.driver.stop({ ...request(id), graceMs: 0 });
      await assert.rejects(bench.driver.consoleAddress(request(id)), refused('precondition', /start it first/));
    });
  });
}
