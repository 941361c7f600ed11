import type { Diagnostics } from '../../../common/messages/diagnostics.js';
import type { Stats } from './libvirt-calls.js';

const KIB = 1024;
const NANOSECONDS = 1e9;

/** libvirt's flat, dotted statistics as lists and objects; what is not among them is left out. */
export function reportOf(stats: Stats): Pick<Diagnostics, 'vcpus' | 'interfaces' | 'memory' | 'disks'> {
  return { vcpus: vcpusOf(stats), interfaces: interfacesOf(stats), memory: memoryOf(stats), disks: disksOf(stats) };
}

function vcpusOf(stats: Stats): Diagnostics['vcpus'] {
  const maximum = numberOf(stats, 'vcpu.maximum');
  if (maximum === undefined) return undefined;
  const known = numbers(maximum).flatMap((number) => {
    const time = numberOf(stats, `vcpu.${number}.time`);
    return time === undefined ? [] : [{ number, seconds: time / NANOSECONDS }];
  });
  return known.length > 0 ? known : undefined;
}

function interfacesOf(stats: Stats): Diagnostics['interfaces'] {
  return devicesOf(stats, 'net', {
    receivedBytes: 'rx.bytes',
    receivedPackets: 'rx.pkts',
    receiveErrors: 'rx.errs',
    receiveDrops: 'rx.drop',
    sentBytes: 'tx.bytes',
    sentPackets: 'tx.pkts',
    sendErrors: 'tx.errs',
    sendDrops: 'tx.drop',
  });
}

function memoryOf(stats: Stats): Diagnostics['memory'] {
  if (numberOf(stats, 'balloon.current') === undefined) return undefined;
  const fields = {
    balloonBytes: 'current',
    residentBytes: 'rss',
    availableBytes: 'available',
    unusedBytes: 'unused',
    usableBytes: 'usable',
  };
  return counters(stats, 'balloon', fields, KIB);
}

function disksOf(stats: Stats): Diagnostics['disks'] {
  const disks = devicesOf(stats, 'block', {
    readRequests: 'rd.reqs',
    readBytes: 'rd.bytes',
    writeRequests: 'wr.reqs',
    writeBytes: 'wr.bytes',
    flushRequests: 'fl.reqs',
    capacityBytes: 'capacity',
    allocationBytes: 'allocation',
  });
  // libvirt knows the names by itself: while another call holds the guest it gives them alone.
  const answered = disks?.length === 0 || disks?.some(({ device: _, ...counted }) => Object.keys(counted).length > 0);
  return answered ? disks : undefined;
}

type Counters<F extends string> = { readonly [K in F]?: number };

/** A group with a count, such as block.count and block.0.name; absent where libvirt gave none. */
function devicesOf<F extends string>(stats: Stats, group: string, fields: Readonly<Record<F, string>>) {
  const count = numberOf(stats, `${group}.count`);
  if (count === undefined) return undefined;
  return numbers(count).map((number) => ({
    device: String(stats[`${group}.${number}.name`] ?? number),
    ...counters(stats, `${group}.${number}`, fields),
  }));
}

function counters<F extends string>(stats: Stats, at: string, fields: Readonly<Record<F, string>>, unit = 1): Counters<F> {
  const found = (Object.entries(fields) as [F, string][]).flatMap(([field, name]) => {
    const value = numberOf(stats, `${at}.${name}`);
    return value === undefined ? [] : [[field, value * unit] as const];
  });
  return Object.fromEntries(found) as Counters<F>;
}

function numberOf(stats: Stats, name: string): number | undefined {
  const value = stats[name];
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : undefined;
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, number) => number);
