import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BootRecord } from '../../services/compute/instances/boot-record.js';
import { DrainedFile } from '../../services/compute/drained-file.js';
import { viewInstance } from '../../services/compute/grpc/instance-view.js';
import { openGrpc, type GrpcOptions } from '../../services/compute/grpc/open-grpc.js';
import { Operations } from '../../services/compute/grpc/operations/operations.js';
import { SqliteOperations } from '../../services/compute/grpc/operations/sqlite-operations.js';
import { InstanceRegister } from '../../services/compute/instances/register.js';
import { createMetrics } from '../../services/compute/metrics.js';
import { RecordedInstances } from '../../services/compute/revisions/recorded-instances.js';
import type { OsloSettings } from '../../services/compute/oslo/bridge.js';
import { MemoryTombstones } from '../../services/compute/tombstones/memory-tombstones.js';
import { FakeDriver } from '../../services/compute/virt/fake/fake-driver.js';
import { Worker } from '../../services/compute/worker.js';
import { ApiClient } from './api-client.js';
import { takeAwayAfter, type TakeAway } from './take-away.js';
import { KeptLog } from './with-worker.js';

export type ApiOptions = Partial<GrpcOptions> & {
  readonly driver?: FakeDriver;
  /** Of a broker; absent: there is none. */
  readonly url?: string;
  /** OpenStack's door; absent: it is closed. */
  readonly oslo?: OsloSettings;
  readonly file?: string;
  readonly concurrency?: number;
};

export function temporaryDirectory(t: TakeAway): string {
  const directory = mkdtempSync(join(tmpdir(), 'novalet-api-'));
  takeAwayAfter(t, () => Promise.resolve(rmSync(directory, { recursive: true, force: true })));
  return directory;
}

/** A worker in this process, on a pretended host, with its API on a Unix socket; stopped with the test. */
export async function withApi(t: TakeAway, { url, oslo, file, concurrency = 4, ...more }: ApiOptions = {}) {
  const directory = temporaryDirectory(t);
  const driver = more.driver ?? new FakeDriver();
  const parts = { driver, metrics: createMetrics(), log: new KeptLog(), cordon: new DrainedFile(null) };
  const database = file ?? join(directory, 'worker.db');
  const store = new SqliteOperations({ file: database });
  const instances = new InstanceRegister();
  const recorded = new RecordedInstances({ file: database, driver, register: instances, registry: parts.metrics.registry, log: parts.log });
  const worker: Worker = new Worker({
    instances,
    commandWatcher: recorded.recorder,
    host: 'host-1',
    amqp: url === undefined ? null : { url },
    oslo,
    concurrency,
    defaultDeadlineMs: 60_000,
    tombstones: new MemoryTombstones(),
    drainedFile: parts.cordon,
    tellProgress: (command, event) => operations.onProgress(command, event),
    onReopened: () => operations.takeBack(),
    reconcile: { policy: 'leave', atOnce: 1, boot: new BootRecord(join(directory, 'boot-id'), 'boot') },
    ...parts,
  });
  const view = viewInstance('host-1', recorded.revisions);
  const operations: Operations = new Operations({
    host: 'host-1',
    store,
    tasks: worker.tasks,
    driver,
    view,
    defaultDeadlineMs: 60_000,
    log: parts.log,
  });
  operations.resume();
  const socket = join(directory, 'grpc.sock');
  const server = await openGrpc({
    host: 'host-1',
    listen: [{ socket }],
    operations,
    tasks: worker.tasks,
    register: instances,
    recorded,
    startedAt: new Date(),
    ready: () => Promise.resolve({ broker: 'ok', libvirt: 'ok', disk: 'ok', commands: 'ok' }),
    registry: parts.metrics.registry,
    ...parts,
    ...more,
  });
  const stop = async (): Promise<void> => {
    await server.stop(200);
    await worker.stop();
    store.close();
    recorded.close();
  };
  takeAwayAfter(t, stop);
  await worker.started();
  return { ...parts, recorded, worker, operations, server, socket, directory, client: ApiClient.of(t, `unix:${socket}`) };
}
