import { InstanceRegister } from '../../../../services/compute/instances/register.js';
import type { RecordedInstance } from '../../../../services/compute/revisions/recorded-instance.js';
import { Recorder } from '../../../../services/compute/revisions/recorder.js';
import type { Revision } from '../../../../services/compute/revisions/revisions.js';
import { FakeDriver } from '../../../../services/compute/virt/fake/fake-driver.js';
import { FakeHost } from '../../../../services/compute/virt/fake/fake-host.js';
import type { CommandResult } from '../../../../services/common/messages/results.js';
import { fakeDelivery } from '../../../support/fake-delivery.js';
import { KeptLog } from '../../../support/with-worker.js';
import { workbench } from '../../../support/workbench.js';
import { OpenLog } from './workbench.js';

/** A worker's life: commands in, and what its log says of the instances. */
export class Life {
  readonly log: OpenLog;
  readonly register = new InstanceRegister();
  readonly driver: FakeDriver;
  readonly recorder: Recorder;
  readonly bench: ReturnType<typeof workbench>;

  constructor(
    readonly host = new FakeHost(),
    file = ':memory:',
  ) {
    this.log = new OpenLog(file);
    this.driver = new FakeDriver(host);
    const { revisions, history } = this.log;
    this.recorder = new Recorder({ driver: this.driver, register: this.register, revisions, history, log: new KeptLog() });
    this.bench = workbench({ driver: this.driver, commandWatcher: this.recorder, publish: () => Promise.resolve('confirmed') });
  }

  async survey(): Promise<void> {
    this.register.take(await this.driver.survey(), this.register.revision);
    await this.recorder.ready;
  }

  /** A command by a door without a broker. */
  run(type: string, body: object, requestId = 'r-1'): Promise<CommandResult> {
    return new Promise((resolve) => {
      const answered = (result: CommandResult) => Promise.resolve(resolve(result));
      this.bench.tasks.take(fakeDelivery(type, { ...body, requestId }, { replies: () => [], answered }));
    });
  }

  end(): void {
    this.recorder.stop();
    this.log.file.close();
  }

  /** Resolves when the log says so, in a revision that is written. */
  async until(id: string, says: (revision: Revision<RecordedInstance>) => boolean): Promise<Revision<RecordedInstance>> {
    const [written] = this.log.revisions.since(0, 1000).filter((revision) => revision.id === id);
    return written && says(written) ? written : this.log.next((revision) => revision.id === id && says(revision));
  }

  happenings(id: string) {
    const all = this.log.history.of(id, Infinity, 100).reverse();
    return all.map(({ type, outcome, requestId, state }) => ({ type, outcome, requestId, state }));
  }
}
