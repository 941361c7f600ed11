import { DrainedFile } from '../../services/compute/drained-file.js';
import { createMetrics } from '../../services/compute/metrics.js';
import type { Outbox } from '../../services/compute/outbox/outbox.js';
import type { Outgoing, Published } from '../../services/compute/outgoing.js';
import type { ProgressEvent } from '../../services/common/messages/progress.js';
import type { CommandResult } from '../../services/common/messages/results.js';
import type { Driver } from '../../services/compute/ports.js';
import { Tasks, type TasksOptions } from '../../services/compute/tasks.js';
import { MemoryTombstones } from '../../services/compute/tombstones/memory-tombstones.js';
import { FakeDriver } from '../../services/compute/virt/fake/fake-driver.js';
import { Inbox } from './inbox.js';
import { KeptLog } from './with-worker.js';

export interface OnItsWay {
  readonly message: Outgoing;
  readonly confirm: (outcome?: Published) => void;
}

/** Tasks whose publications are confirmed by hand, on a pretended host. */
export function workbench<D extends Driver = FakeDriver>(
  more: Partial<Omit<TasksOptions, 'driver'>> & { outbox?: Outbox | null; driver?: D } = {},
) {
  const published = new Inbox<OnItsWay>();
  const publish = (message: Outgoing): Promise<Published> =>
    new Promise((resolve) => published.push({ message, confirm: (outcome = 'confirmed') => resolve(outcome) }));
  const progress: ProgressEvent[] = [];
  const parts = {
    driver: more.driver ?? (new FakeDriver() as Driver as D),
    tombstones: new MemoryTombstones(),
    cordon: new DrainedFile(null),
    metrics: createMetrics(),
    log: new KeptLog(),
  };
  const tasks = new Tasks({
    host: 'host-1',
    capacity: { work: 2, control: 2 },
    defaultDeadlineMs: 60_000,
    publish,
    outbox: null,
    brokerTakes: () => true,
    onTrouble: () => {},
    tellProgress: (_command, event) => void progress.push(event),
    ...more,
    ...parts,
  });
  /** Confirms everything as it comes, and gives the results in order. */
  const results = async (count: number): Promise<CommandResult[]> => {
    const all: CommandResult[] = [];
    while (all.length < count) {
      const { message, confirm } = await published.next();
      confirm();
      if (message.exchange === 'novalet.events') all.push(JSON.parse(message.content.toString()) as CommandResult);
    }
    return all;
  };
  return { tasks, published, results, progress, ...parts };
}
