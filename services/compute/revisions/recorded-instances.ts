import { Counter, Gauge, type Registry } from 'prom-client';
import type { InstanceRegister } from '../instances/register.js';
import type { Log } from '../log.js';
import type { Driver } from '../ports.js';
import { History } from './history.js';
import type { RecordedInstance } from './recorded-instance.js';
import { Recorder } from './recorder.js';
import { Revisions } from './revisions.js';
import { Watches } from './watch.js';
import { WriteBehind } from './write-behind.js';

export interface RecordedInstancesOptions {
  /** The worker's database. */
  readonly file: string;
  readonly driver: Pick<Driver, 'find' | 'sight' | 'recall'>;
  readonly register: InstanceRegister;
  readonly registry: Registry;
  readonly log: Log;
}

/** What is written down of the instances of the host, who writes it, and who is told. */
export class RecordedInstances {
  readonly revisions: Revisions<RecordedInstance>;
  readonly history: History;
  readonly recorder: Recorder;
  readonly watches: Watches<RecordedInstance>;
  readonly #file: WriteBehind;

  /** Made before whatever feeds the register is started. */
  constructor({ file, driver, register, registry, log }: RecordedInstancesOptions) {
    this.#file = new WriteBehind({ file, log });
    this.revisions = new Revisions(this.#file);
    this.history = new History(this.#file);
    this.recorder = new Recorder({ driver, register, revisions: this.revisions, history: this.history, log });
    this.watches = new Watches(this.revisions);
    this.#show([registry]);
  }

  /** Nobody is told any more; what is known is written down. */
  close(): void {
    this.watches.close();
    this.recorder.stop();
    this.#file.close();
  }

  #show(registers: Registry[]): void {
    const { watches, revisions } = this;
    const file = this.#file;
    new Gauge({
      name: 'novalet_watches',
      help: 'Watches of the instances that are open.',
      registers,
      collect() {
        this.set(watches.count);
      },
    });
    new Counter({
      name: 'novalet_watches_slow_total',
      help: 'Watches that were ended because their clients did not read.',
      registers,
      collect() {
        this.reset();
        this.inc(watches.slow);
      },
    });
    new Gauge({
      name: 'novalet_instance_revision',
      help: 'Revision of the newest change of an instance that is on the disk.',
      registers,
      collect() {
        this.set(revisions.revision);
      },
    });
    new Gauge({
      name: 'novalet_instance_revisions_trouble',
      help: '1 while the disk does not take the changes of instances: watches are told nothing until it does.',
      registers,
      collect() {
        this.set(file.trouble === null ? 0 : 1);
      },
    });
  }
}
