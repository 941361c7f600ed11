/** The binding, for comparison; the orders and figures are those of rival/rival.c. */
import { createInterface } from 'node:readline';
import { performance } from 'node:perf_hooks';
import { open, VIR_DOMAIN_EVENT_ID_LIFECYCLE, type virConnect, type virDomain } from '@novalet/libvirt';

let conn: virConnect;
let dom: virDomain;

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] ?? NaN;

/** So many at once, as fast as they come back. */
async function atOnce(n: number, width: number, work: (item: number) => Promise<unknown>): Promise<number[]> {
  let left = n;
  const one = async (): Promise<void> => {
    while (left > 0) await work(left--);
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: width }, one));
  return [(n / (performance.now() - began)) * 1e3];
}

async function timed(work: () => Promise<unknown>): Promise<number[]> {
  const before = performance.eventLoopUtilization();
  const began = performance.now();
  const result = await work();
  const taken = performance.now() - began;
  const { active } = performance.eventLoopUtilization(before);
  void result;
  return [taken, active];
}

function perCall(n: number, work: () => unknown): number {
  const began = performance.now();
  for (let i = 0; i < n; i++) work();
  return ((performance.now() - began) * 1e6) / n;
}

const orders: Record<string, (...args: string[]) => Promise<number[]>> = {
  async open(uri = '') {
    conn = await open(uri);
    dom = (await conn.listAllDomains())[0] as virDomain;
    return [0];
  },
  async close() {
    await conn.close();
    return [0];
  },
  async serial(n) {
    const times: number[] = [];
    for (let i = 0; i < Number(n); i++) {
      const began = performance.now();
      await dom.info();
      times.push((performance.now() - began) * 1e3);
    }
    return [median(times)];
  },
  flight: (n, width) => atOnce(Number(n), Number(width), () => dom.info()),
  cycle: (n, width) =>
    atOnce(Number(n), Number(width), async (item) => {
      const made = await conn.defineXML(
        `<domain type='test'><name>cycle-${item}</name><memory>1024</memory><os><type>hvm</type></os></domain>`,
      );
      await made.create();
      await made.destroy();
      await made.undefine();
    }),
  accessors: (n) => {
    const count = Number(n);
    return Promise.resolve([perCall(count, () => dom.name()), perCall(count, () => dom.UUIDString()), perCall(count, () => dom.ID())]);
  },
  stats: () => timed(() => conn.getAllDomainStats()),
  list: () => timed(() => conn.listAllDomains()),
  async event(n) {
    let told: (at: number) => void = () => {};
    const id = await conn.domainEventRegisterAny(null, VIR_DOMAIN_EVENT_ID_LIFECYCLE, () => told(performance.now()));
    const times: number[] = [];
    for (let i = 0; i < Number(n); i++) {
      const arrived = new Promise<number>((resolve) => (told = resolve));
      const began = performance.now();
      const done = i % 2 === 1 ? dom.resume() : dom.suspend();
      times.push(((await arrived) - began) * 1e3);
      await done;
    }
    await conn.domainEventDeregisterAny(id);
    return [median(times)];
  },
  async memory(n) {
    const count = Number(n);
    const kept = new Array<virDomain | null>(2 * count).fill(null);
    const name = dom.name();
    const look = async (from: number): Promise<number> => {
      for (let i = from; i < from + count; i++) kept[i] = await conn.lookupByName(name);
      globalThis.gc?.();
      return process.memoryUsage.rss();
    };
    const before = await look(0);
    const grown = (await look(count)) - before;
    return [(grown * 2) / kept.length];
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [order = '', ...args] = line.split(' ');
  const figures = await orders[order]?.(...args);
  console.log((figures ?? []).join(' '));
}
process.exit(0);
