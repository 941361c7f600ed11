import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ComputeError } from '../common/errors.js';
import { AnswerFile } from './answer-log.js';
import { BegunFile } from './begun-log.js';
import type { Checkpoint } from './checkpoint.js';
import { loadConfig, withoutPassword, type ComputeConfig, type ConfigSources } from './config.js';
import { claimState, machineId } from './identity/state-identity.js';
import { lockState } from './identity/state-lock.js';
import type { GrpcAddress } from './grpc/listen-address.js';
import { MAX_SOCKET_PATH } from './grpc/listen-address.js';
import type { TlsFiles } from './grpc/listener.js';
import { viewInstance } from './grpc/instance-view.js';
import { openGrpc } from './grpc/open-grpc.js';
import { Operations } from './grpc/operations/operations.js';
import { SqliteOperations } from './grpc/operations/sqlite-operations.js';
import type { GrpcServer } from './grpc/server.js';
import { IdleMemory } from './idle-memory.js';
import { InstanceRegister } from './instances/register.js';
import { BootRecord, currentBootId } from './instances/boot-record.js';
import { end, leaveEvenIfHeld } from './leave.js';
import { DrainedFile } from './drained-file.js';
import { refuseOwnState } from './image-directories.js';
import { createLog, type Log } from './log.js';
import { createMetrics, libvirtMetrics, watchPool } from './metrics.js';
import { readinessProbe } from './monitoring/readiness.js';
import { serveMonitoring, type MonitoringServer } from './monitoring/server.js';
import type { OsloSettings } from './oslo/bridge.js';
import { SqliteOutbox } from './outbox/sqlite-outbox.js';
import { driverPool, openDriver, type OpenDriver } from './open-driver.js';
import { keepFilesPrivate } from './private-files.js';
import { RecordedInstances } from './revisions/recorded-instances.js';
import { SqliteTombstones } from './tombstones/sqlite-tombstones.js';
import { version } from './version.js';
import { Worker } from './worker.js';

/**
 * Runs the worker of this host until a signal ends it. The only place that knows the ports and their implementations.
 * @param checkpoint for tests: awaited wherever the worker may die
 */
export async function main(sources: ConfigSources, open: OpenDriver = openDriver, checkpoint?: Checkpoint): Promise<void> {
  try {
    await run(loadConfig(sources), open, checkpoint);
  } catch (error) {
    if (!(error instanceof ComputeError)) throw error;
    // What the operator can mend is said plainly, without a stack.
    process.stderr.write(`novalet: ${error.message}\n`);
    process.exitCode = 1;
  } finally {
    leaveEvenIfHeld();
  }
}

async function run(config: ComputeConfig, open: OpenDriver, checkpoint?: Checkpoint): Promise<void> {
  const startedAt = new Date();
  const host = config.NOVALET_HOST;
  const log = createLog({ level: config.NOVALET_LOG_LEVEL, host });
  const metrics = createMetrics();
  metrics.workerInfo.set({ version: version(), node: process.version, host }, 1);
  watchPool(metrics, driverPool);
  makeStateDirectory(config.NOVALET_STATE_DIR);
  refuseOwnState(config.NOVALET_IMAGE_DIRS, config.NOVALET_STATE_DIR);
  // Both before anything of the directory is touched.
  const lock = lockState(join(config.NOVALET_STATE_DIR, 'worker.lock'));
  claimState(join(config.NOVALET_STATE_DIR, 'identity.json'), { host, machineId: machineId() });
  const unreadable = keepFilesPrivate(config.NOVALET_STATE_DIR);
  if (unreadable[0] !== undefined)
    log.warn(
      { count: unreadable.length, directory: dirname(unreadable[0]) },
      "disks cannot be read: the worker's user must be in QEMU's group",
    );
  warnOfMissing(config.NOVALET_IMAGE_DIRS, log);
  const tombstones = new SqliteTombstones({
    file: join(config.NOVALET_STATE_DIR, 'worker.db'),
    retentionDays: config.NOVALET_TOMBSTONE_DAYS,
  });
  const drainedFile = new DrainedFile(join(config.NOVALET_STATE_DIR, 'drained.json'));
  const outbox = new SqliteOutbox({ file: join(config.NOVALET_STATE_DIR, 'outbox.db') });
  const answerLog = new AnswerFile(join(config.NOVALET_STATE_DIR, 'answers'));
  const begunLog = new BegunFile(join(config.NOVALET_STATE_DIR, 'begun'));
  const driver = open(config, libvirtMetrics(metrics), log, checkpoint);
  const store = new SqliteOperations({ file: join(config.NOVALET_STATE_DIR, 'worker.db') });
  const instances = new InstanceRegister();
  const recorded = new RecordedInstances({
    file: join(config.NOVALET_STATE_DIR, 'worker.db'),
    driver,
    register: instances,
    registry: metrics.registry,
    log,
  });
  const memory = new IdleMemory();
  const worker: Worker = new Worker({
    instances,
    commandWatcher: recorded.recorder,
    loadWatcher: memory,
    tellProgress: (command, event) => operations.onProgress(command, event),
    onReopened: () => operations.takeBack(),
    host,
    amqp: config.NOVALET_AMQP_URL === undefined ? null : { url: config.NOVALET_AMQP_URL, ...(config.tls && { tls: config.tls }) },
    oslo: osloSettings(config),
    concurrency: config.NOVALET_CONCURRENCY,
    defaultDeadlineMs: config.NOVALET_DEADLINE_SECONDS * 1000,
    driver,
    tombstones,
    drainedFile,
    outbox,
    answerLog,
    begunLog,
    metrics,
    log,
    checkpoint,
    reconcile: {
      policy: config.NOVALET_POWER_POLICY,
      atOnce: config.NOVALET_BRING_BACK_AT_ONCE,
      boot: new BootRecord(join(config.NOVALET_STATE_DIR, 'boot-id'), currentBootId()),
    },
  });
  const operations: Operations = new Operations({
    host,
    store,
    tasks: worker.tasks,
    driver,
    view: viewInstance(host, recorded.revisions),
    defaultDeadlineMs: config.NOVALET_DEADLINE_SECONDS * 1000,
    log,
  });
  const ready = readinessProbe({
    driver,
    brokerTrouble: () => worker.brokerTrouble,
    commandsTrouble: () => worker.commandsTrouble,
    stateDir: config.NOVALET_STATE_DIR,
  });
  const signalled = firstSignal(log);
  let monitoring: MonitoringServer | undefined;
  let grpc: GrpcServer | undefined;
  try {
    monitoring = await serveMonitoring(config.NOVALET_LISTEN, metrics.registry, ready);
    log.info({ address: monitoring.address }, 'monitoring listens');
    operations.resume();
    const listen = grpcAddresses(config, log);
    const options = { host, listen, tls: grpcTls(config), operations, tasks: worker.tasks, driver, register: instances, recorded };
    grpc = await openGrpc({ ...options, startedAt, cordon: drainedFile, ready, registry: metrics.registry, log });
    for (const address of grpc.addresses) log.info({ address }, 'gRPC listens');
    const broker = config.NOVALET_AMQP_URL === undefined ? 'none' : withoutPassword(config.NOVALET_AMQP_URL);
    log.info({ version: version(), address: broker }, 'worker starts');
    const consuming = worker.started().then(() => log.info({}, 'worker consumes'));
    const signal = await Promise.race([signalled, consuming.then(() => signalled)]);
    log.info({ signal }, 'worker stops');
  } finally {
    // /metrics and /healthz answer for as long as the worker has something in hand.
    // New calls are refused first; what they began comes to its end with the worker.
    operations.stopWaiting();
    worker.halt();
    await end(log, 'gRPC', () => grpc?.stop(), null);
    await end(log, 'worker', () => worker.stop(), null);
    await end(log, 'monitoring', () => monitoring?.close());
    await end(log, 'driver', () => driver.close());
    await end(log, 'tombstones', () => tombstones.close());
    await end(log, 'operations', () => store.close());
    await end(log, 'log of revisions', () => recorded.close());
    await end(log, 'outbox', () => outbox.close());
    answerLog.close();
    begunLog.close();
    await end(log, 'lock of the state directory', () => lock.release());
  }
  log.info({}, 'worker stopped');
}

/** As set, or a socket in the state directory. @throws ComputeError invalid when there is no door at all */
function grpcAddresses(
  { NOVALET_GRPC_LISTEN: listen, NOVALET_AMQP_URL: url, NOVALET_OSLO_URL: osloUrl, NOVALET_STATE_DIR: directory }: ComputeConfig,
  log: Log,
): readonly GrpcAddress[] {
  const socket = join(directory, 'grpc.sock');
  const fits = Buffer.byteLength(socket) <= MAX_SOCKET_PATH;
  if (listen === undefined && !fits) log.warn({ directory }, 'no gRPC: the path is too long for a socket; set NOVALET_GRPC_LISTEN');
  const addresses = listen ?? (fits ? [{ socket }] : []);
  if (addresses.length > 0 || (url ?? osloUrl) !== undefined) return addresses;
  throw new ComputeError('invalid', 'no command could ever come: set NOVALET_AMQP_URL, NOVALET_GRPC_LISTEN, or both');
}

function grpcTls({
  NOVALET_GRPC_CERT: cert,
  NOVALET_GRPC_KEY: key,
  NOVALET_GRPC_CLIENT_CA: clientCa,
}: ComputeConfig): TlsFiles | undefined {
  return cert === undefined || key === undefined ? undefined : { cert, key, clientCa };
}

function osloSettings(config: ComputeConfig): OsloSettings | undefined {
  if (config.NOVALET_OSLO_URL === undefined) return undefined;
  return {
    url: config.NOVALET_OSLO_URL,
    ...(config.tls && { tls: config.tls }),
    exchange: config.NOVALET_OSLO_EXCHANGE,
    topic: config.NOVALET_OSLO_TOPIC,
    namespace: config.NOVALET_OSLO_NAMESPACE ?? null,
    topology: config.NOVALET_OSLO_TOPOLOGY,
    bridges: config.NOVALET_OSLO_BRIDGES,
    notifications: config.NOVALET_OSLO_NOTIFICATIONS,
  };
}

function makeStateDirectory(path: string): void {
  try {
    const isNew = mkdirSync(path, { recursive: true }) !== undefined;
    if (isNew) chmodSync(path, 0o711); // whatever the umask: QEMU under a user of its own passes through
  } catch (error) {
    throw new ComputeError(
      'precondition',
      `NOVALET_STATE_DIR: ${path} cannot be made (${(error as Error).message}); make it and give it to the worker's user`,
      {},
      { cause: error },
    );
  }
}

/** They may come later, such as with a mount; spawns from them fail until then. */
function warnOfMissing(imageDirectories: readonly string[], log: Log): void {
  for (const directory of imageDirectories) if (!existsSync(directory)) log.warn({ directory }, 'image directory is not there');
}

/** Resolves with the first SIGTERM or SIGINT; the second ends the process at once. */
function firstSignal(log: Log): Promise<string> {
  return new Promise((resolve) => {
    let signalled = false;
    const onSignal = (signal: NodeJS.Signals, number: number): void => {
      if (signalled) {
        log.warn({ signal }, 'worker leaves at once');
        process.exit(128 + number);
      }
      signalled = true;
      resolve(signal);
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}
