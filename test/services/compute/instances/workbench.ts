import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InstanceStateEvent } from '../../../../services/common/messages/instance-event.js';
import { InstanceSpec } from '../../../../services/common/messages/instance-spec.js';
import { specHash } from '../../../../services/common/spec-hash.js';
import { Asides } from '../../../../services/compute/asides.js';
import { Announcer } from '../../../../services/compute/instances/announcer.js';
import { BootRecord } from '../../../../services/compute/instances/boot-record.js';
import { createInstanceMetrics } from '../../../../services/compute/instances/instance-metrics.js';
import { Reconciler, type ReconcilerOptions } from '../../../../services/compute/instances/reconciler.js';
import { InstanceRegister } from '../../../../services/compute/instances/register.js';
import { Lanes } from '../../../../services/compute/lanes.js';
import { createMetrics } from '../../../../services/compute/metrics.js';
import type { StartOptions } from '../../../../services/common/messages/instance-spec.js';
import { FakeDriver } from '../../../../services/compute/virt/fake/fake-driver.js';
import { FakeHost, type FakeInstance } from '../../../../services/compute/virt/fake/fake-host.js';
import { Inbox } from '../../../support/inbox.js';
import { takeAwayAfter, type TakeAway } from '../../../support/take-away.js';
import { KeptLog } from '../../../support/with-worker.js';
import { spawnBody } from '../../../support/commands.js';

/** Runs on the fake driver as a worker does, without a broker. */
export async function spawned(driver: FakeDriver, start: StartOptions = {}): Promise<string> {
  const spec = InstanceSpec.parse(spawnBody().instance);
  await driver.spawn({ spec, start, specHash: specHash(spec), generation: 1, requestId: 'r', deadline: Date.now() + 60_000 });
  return spec.id;
}

export function instanceOf(host: FakeHost, id: string): FakeInstance {
  const found = host.instances.get(id);
  if (!found) throw new Error(`nothing is known of ${id}`);
  return found;
}

/** As if somebody had done it behind the worker's back. */
export function become(host: FakeHost, id: string, powerState: FakeInstance['powerState']): void {
  instanceOf(host, id).powerState = powerState;
  host.tell(id, 'destroyed');
}

type More = Partial<Pick<ReconcilerOptions, 'policy' | 'atOnce' | 'surveyEveryMs'>>;

/** A reconciler on a pretended host, and what it says. Its waits are none. */
export class Workbench {
  readonly log = new KeptLog();
  readonly register = new InstanceRegister();
  readonly events = new Inbox<InstanceStateEvent>();
  readonly lanes = new Lanes({ work: 4, control: 4 });
  readonly asides = new Asides();
  readonly metrics = createMetrics();
  readonly driver: FakeDriver;
  readonly reconciler: Reconciler;
  readonly bootFile: string;
  readonly #stopping = new AbortController();
  /** A worker's connections keep its process alive; its reconciler does not. */
  readonly #alive = setInterval(() => {}, 60_000);

  constructor(
    t: TakeAway,
    readonly host = new FakeHost(),
    more: More & { boots?: readonly [recorded: string, now: string] } = {},
  ) {
    const directory = mkdtempSync(join(tmpdir(), 'novalet-reconcile-'));
    this.bootFile = join(directory, 'boot-id');
    const { boots = ['boot-1', 'boot-1'], ...options } = more;
    writeFileSync(this.bootFile, boots[0]);
    this.driver = new FakeDriver(host);
    const announcer = new Announcer('host-1', (message) => {
      this.events.push(JSON.parse(message.content.toString()) as InstanceStateEvent);
      return Promise.resolve('confirmed');
    });
    this.reconciler = new Reconciler({
      driver: this.driver,
      register: this.register,
      announcer,
      policy: 'leave',
      atOnce: 2,
      boot: new BootRecord(this.bootFile, boots[1]),
      inLane: (id, work) => this.lanes.run(id, 'background', this.#stopping.signal, () => this.asides.run(id, work)),
      isBusy: (id) => this.lanes.isBusy(id),
      metrics: createInstanceMetrics(this.metrics.registry, this.register, () => announcer.waiting),
      log: this.log,
      quietMs: 1,
      firstDelayMs: 1,
      ...options,
    });
    takeAwayAfter(t, () => this.stop());
    takeAwayAfter(t, () => Promise.resolve(rmSync(directory, { recursive: true })));
  }

  async stop(): Promise<void> {
    clearInterval(this.#alive);
    this.#stopping.abort(new Error('stopped'));
    await this.reconciler.stop();
  }

  /** Resolves when the register has come to say so. */
  until(says: (register: InstanceRegister) => boolean): Promise<void> {
    return new Promise((resolve) => {
      if (says(this.register)) return resolve();
      const end = this.register.onChange(() => {
        if (!says(this.register)) return;
        end();
        resolve();
      });
    });
  }

  /** A command of the instance: nothing else happens to it meanwhile. */
  command(id: string, work: () => Promise<unknown>): Promise<void> {
    return this.lanes.run(id, 'work', this.#stopping.signal, async () => void (await work()));
  }
}
