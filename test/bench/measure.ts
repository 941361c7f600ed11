import { setTimeout as delay } from 'node:timers/promises';
import type { Libvirtd } from '../../ops/private/libvirtd.js';
import type { Supervisor } from '../../ops/private/supervisor.js';
import type { BenchWorker } from './bench-worker.js';
import { burst, type Burst } from './burst.js';
import { Ground } from './ground.js';
import { NOVA } from './nova-figures.js';
import { oneAtATime, type OneAtATime } from './one-at-a-time.js';
import type { Plan } from './plan.js';
import type { MemoryMiB } from './process-usage.js';
import { recovery } from './recovery.js';
import type { Row } from './row.js';
import { sampleOf, type Sample } from './statistics.js';
import { looksUnderLoad } from './under-load.js';
import { verbs, type VerbTimes } from './verbs.js';
import { grpcCalls } from './grpc-calls.js';
import { watchFanOut } from './watch-fan-out.js';

export interface MeasureOptions {
  readonly supervisor: Supervisor;
  readonly libvirtd: Libvirtd;
  readonly amqpUrl: string;
  readonly plan: Plan;
  /** Progress, for people. */
  readonly say: (words: string) => void;
}

const ABOVE_LIBVIRT = { of: 'difference', atMost: 30 } as const;
const OF_LIBVIRTS_RATE = { of: 'ratio', atLeast: 0.9 } as const;
const START = { of: 'ours', atMost: 1000 } as const;
const RECOVERY = { of: 'ours', atMost: 5000 } as const;
const CONTROL = { of: 'ours', atMost: 100 } as const;
const MEMORY = { of: 'ours', atMost: 100 } as const;

/** How long a worker is left alone before it counts as idle. */
const SETTLE_MS = 2000;

export async function measure(options: MeasureOptions): Promise<Row[]> {
  return [...(await onQemu(options)), ...(await onTestDriver(options))];
}

/** Real guests, and what the worker's process costs. */
async function onQemu({ plan, say, ...options }: MeasureOptions): Promise<Row[]> {
  const ground = await Ground.open({ ...options, driver: 'qemu' });
  try {
    say(`start of the worker, ${plan.starts + 1} times`);
    const starts = await startTimes(ground.worker, plan.starts);
    const fresh = await idleMemory(ground.worker);
    const template = await ground.template(true);
    say(`QEMU, one guest at a time, ${plan.qemu.oneAtATime} rounds`);
    const single = await oneAtATime(ground, template, plan.qemu.oneAtATime);
    say(`QEMU, ${plan.qemu.burst.size} guests at once, ${plan.qemu.burst.rounds} rounds`);
    const many = await burst(ground, template, { ...plan.qemu.burst, withDisk: true });
    const used = await idleMemory(ground.worker);
    say(`QEMU, every verb, ${plan.qemu.lives} lives of a guest`);
    const lives = await verbs(ground, template, plan.qemu.lives);
    return [
      ...spawnRows('qemu', 'QEMU', single, NOVA.spawn),
      burstRow('qemu-burst', `QEMU, ${plan.qemu.burst.size} spawns at once`, many, OF_LIBVIRTS_RATE, NOVA.burst),
      ...lives.map(verbRow),
      ours('cpu-per-spawn', "QEMU, the worker's processor time for a spawn", 'ms', many.workerCpuMs, null, NOVA.cpuPerSpawn),
      ours('start', 'start of the process → its queue has a consumer', 'ms', starts, START, NOVA.start),
      ...memoryRows('fresh', 'memory when idle, after the start', fresh),
      ...memoryRows('used', 'memory when idle, after the bursts', used),
    ];
  } finally {
    await ground.close();
  }
}

/** No hypervisor to wait for: what is left is the worker's own share, and qemu-img's. */
async function onTestDriver({ plan, say, ...options }: MeasureOptions): Promise<Row[]> {
  const ground = await Ground.open({ ...options, driver: 'test' });
  try {
    await ground.worker.start();
    const template = await ground.template(true);
    say(`libvirt's test driver, one at a time, ${plan.test.oneAtATime} rounds`);
    const single = await oneAtATime(ground, template, plan.test.oneAtATime);
    say(`libvirt's test driver, ${plan.test.burst.size} at once, ${plan.test.burst.rounds} rounds`);
    const some = await burst(ground, template, { ...plan.test.burst, withDisk: true });
    say(`libvirt's test driver, ${plan.test.many.size} at once without disks, ${plan.test.many.rounds} rounds`);
    const bare = await ground.template(false);
    const many = await burst(ground, bare, { ...plan.test.many, withDisk: false });
    say(`libvirt's test driver, looks while ${plan.test.underLoad} spawns are under way`);
    const looks = await looksUnderLoad(ground, plan.test.underLoad);
    const { size } = plan.test.recovery;
    say(`libvirt's test driver, the worker is started again over ${size} instances, ${plan.test.recovery.rounds} rounds`);
    const again = await recovery(ground, plan.test.recovery);
    const { watches } = plan.test.fanOut;
    say(`libvirt's test driver, ${plan.test.fanOut.changes} changes for ${watches} watches`);
    const told = await watchFanOut(ground, plan.test.fanOut);
    const { calls, connections } = plan.test.grpc;
    say(
      `libvirt's test driver, ${calls} calls by gRPC, ${plan.test.grpc.creates} spawns by it and by the queue, ${connections} connections`,
    );
    const grpc = await grpcCalls(ground, plan.test.grpc);
    return [
      ...spawnRows('test', 'test driver', single, null),
      burstRow('test-burst', `test driver, ${plan.test.burst.size} spawns at once`, some, OF_LIBVIRTS_RATE, NOVA.burstFake),
      burstRow('test-many', `test driver, ${plan.test.many.size} at once without disks`, many, null, null),
      ours(
        'control-under-load',
        `test driver, a get while ${plan.test.underLoad} spawns wait and run: message published → answered`,
        'ms',
        looks,
        CONTROL,
        null,
      ),
      ours('recovery', `start of the process → it knows ${size} instances`, 'ms', again.known, RECOVERY, null),
      ours('recovery-served', `start of the process over ${size} instances → a waiting spawn is answered`, 'ms', again.served, null, null),
      ours(
        'watch-fan-out',
        `test driver, ${watches} watches: setMetadata published → the last of them is told`,
        'ms',
        told.toTheLast,
        null,
        null,
      ),
      ours(
        'watch-fan-out-cpu',
        `the worker's processor time for a command and ${watches} watches that are told of it`,
        'ms',
        told.cpu,
        null,
        null,
      ),
      ours('grpc-get', 'gRPC on a Unix socket, GetInstance, one at a time', 'ms', grpc.unary, null, null),
      ours('grpc-get-p99', 'gRPC, GetInstance: 99 of 100 are answered within', 'ms', grpc.unaryP99, null, null),
      ours('grpc-rate', 'gRPC, GetInstance, 32 at once', 'calls/s', grpc.rate, null, null),
      ours('grpc-create', 'test driver, CreateInstance called → STARTED', 'ms', grpc.byGrpc, null, null),
      ours('grpc-create-by-queue', 'the same by the queue, by turns: message published → STARTED', 'ms', grpc.byQueue, null, null),
      ours('grpc-idle', `memory that ${connections} idle gRPC connections cost`, 'MiB', grpc.idleConnections, null, null),
      ...memoryRows('known', `memory when idle, ${size} instances known`, again.memory),
    ];
  } finally {
    await ground.close();
  }
}

/** The first start of all reads the program from disk and declares the queues: it is not counted. The last one is left running. */
async function startTimes(worker: BenchWorker, count: number): Promise<Sample> {
  await worker.start();
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    await worker.stop();
    times.push(await worker.start());
  }
  return sampleOf(times);
}

async function idleMemory(worker: BenchWorker): Promise<MemoryMiB> {
  await delay(SETTLE_MS);
  return worker.memory();
}

function spawnRows(key: string, where: string, { received, published, rival }: OneAtATime, nova: string | null): Row[] {
  const row = { unit: 'ms', libvirt: rival } as const;
  return [
    {
      key: `${key}-received`,
      what: `${where}, one at a time: command received → STARTED`,
      ours: received,
      target: ABOVE_LIBVIRT,
      nova,
      ...row,
    },
    {
      key: `${key}-published`,
      what: `${where}, one at a time: message published → STARTED`,
      ours: published,
      target: null,
      nova: null,
      ...row,
    },
  ];
}

function burstRow(key: string, what: string, { ours, rival, rivalThreads }: Burst, target: Row['target'], nova: string | null): Row {
  return { key, what: `${what} (libvirt: ${rivalThreads} threads)`, unit: 'spawns/s', ours, libvirt: rival, target, nova };
}

function verbRow({ name, what, ours, rival }: VerbTimes): Row {
  const nova = name === 'destroy' ? NOVA.destroy : null;
  return { key: `verb-${name}`, what: `QEMU, ${what}: message published → answered`, unit: 'ms', ours, libvirt: rival, target: null, nova };
}

function memoryRows(key: string, what: string, { rss, pss }: MemoryMiB): Row[] {
  return [
    ours(`rss-${key}`, `${what}, RSS`, 'MiB', sampleOf([rss]), MEMORY, NOVA.memory),
    ours(`pss-${key}`, `${what}, PSS`, 'MiB', sampleOf([pss]), null, null),
  ];
}

function ours(key: string, what: string, unit: Row['unit'], sample: Sample, target: Row['target'], nova: string | null): Row {
  return { key, what, unit, ours: sample, libvirt: null, target, nova };
}
