import type { Supervisor } from '../../../ops/private/supervisor.js';
import type { RabbitmqAddress } from '../../../ops/private/rabbitmq.js';
import { makeVhost } from '../../../ops/private/vhost.js';
import { waitUntil } from '../../../ops/private/wait-until.js';
import { BenchWorker } from '../bench-worker.js';
import { cpuMsOf } from '../process-usage.js';
import { PythonProcess } from '../python-process.js';
import { sampleOf, type Sample } from '../statistics.js';
import { Caller } from './caller.js';

export interface OsloPlan {
  readonly rounds: number;
  /** Calls in a round, one after the other, and 32 at once. */
  readonly single: number;
  readonly many: number;
}

export const OSLO_FULL: OsloPlan = { rounds: 5, single: 500, many: 5000 };
export const OSLO_QUICK: OsloPlan = { rounds: 1, single: 50, many: 500 };

const AT_ONCE = 32;
const WARM_UP = 300;

export interface Figures {
  /** Median milliseconds of a call, one in flight. */
  readonly latency: Sample;
  /** Calls a second, 32 in flight. */
  readonly rate: Sample;
  /** Milliseconds of the server's processor time for a call, 32 in flight. */
  readonly cpu: Sample;
}

interface Side {
  readonly caller: Caller;
  readonly pid: number;
  readonly latency: number[];
  readonly rate: number[];
  readonly cpu: number[];
}

/** Both servers on one broker, each in a virtual host of its own, called by turns by the same caller. */
export async function measureOslo(
  supervisor: Supervisor,
  broker: RabbitmqAddress,
  plan: OsloPlan,
): Promise<{ ours: Figures; rival: Figures }> {
  const [ourVhost, rivalVhost] = [await makeVhost(broker), await makeVhost(broker)];
  const worker = new BenchWorker({
    supervisor,
    amqpUrl: ourVhost.url,
    libvirtUri: 'test:///default',
    virtType: 'test',
    imageDir: supervisor.path('images'),
    host: 'bench',
    settings: { NOVALET_OSLO_URL: ourVhost.url },
  });
  await worker.start();
  let python: PythonProcess | undefined;
  try {
    let ready!: (pid: number) => void;
    const readiness = new Promise<number>((resolve) => (ready = resolve));
    python = await PythonProcess.start('oslo_server.py', [rivalVhost.url.replace(/^amqp:/, 'rabbit:'), 'bench'], (line) =>
      ready((line as { ready: number }).ready),
    );
    const rivalPid = await python.orGone(readiness);
    const ours = await side(ourVhost.url, worker.pid);
    const rival = await side(rivalVhost.url, rivalPid);
    for (let i = 0; i < plan.rounds; i++) for (const one of [ours, rival]) await round(one, plan);
    await Promise.all([ours.caller.close(), rival.caller.close()]);
    return { ours: figuresOf(ours), rival: figuresOf(rival) };
  } finally {
    await python?.stop();
    await worker.stop();
  }
}

async function side(url: string, pid: number): Promise<Side> {
  const caller = await Caller.connect(url);
  await waitUntil('a server behind the queue', () => caller.isServed());
  await caller.calls(WARM_UP, AT_ONCE);
  return { caller, pid, latency: [], rate: [], cpu: [] };
}

async function round({ caller, pid, latency, rate, cpu }: Side, { single, many }: OsloPlan): Promise<void> {
  latency.push(sampleOf((await caller.calls(single, 1)).each).median);
  const before = (await cpuMsOf(pid)).own;
  const { allMs } = await caller.calls(many, AT_ONCE);
  rate.push((many / allMs) * 1000);
  cpu.push(((await cpuMsOf(pid)).own - before) / many);
}

const figuresOf = ({ latency, rate, cpu }: Side): Figures => ({ latency: sampleOf(latency), rate: sampleOf(rate), cpu: sampleOf(cpu) });
