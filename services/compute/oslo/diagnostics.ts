import type { Diagnostics } from '../../common/messages/diagnostics.js';

/** nova's old flat dictionary, by libvirt's names of devices: cpu0_time in nanoseconds, vda_read in bytes, memory in KiB. What is not known is left out. */
export function flatDiagnostics({
  vcpus = [],
  disks = [],
  interfaces = [],
  memory,
  maximumMemoryBytes,
}: Diagnostics): Record<string, number> {
  const entries: [string, number | undefined][] = [['memory', kib(maximumMemoryBytes)]];
  for (const { number, seconds } of vcpus)
    entries.push([`cpu${number}_time`, seconds === undefined ? undefined : Math.round(seconds * 1e9)]);
  for (const { device, readBytes, readRequests, writeBytes, writeRequests } of disks) {
    entries.push([`${device}_read`, readBytes], [`${device}_read_req`, readRequests]);
    entries.push([`${device}_write`, writeBytes], [`${device}_write_req`, writeRequests]);
  }
  for (const one of interfaces) {
    const { device } = one;
    entries.push([`${device}_rx`, one.receivedBytes], [`${device}_rx_packets`, one.receivedPackets]);
    entries.push([`${device}_rx_errors`, one.receiveErrors], [`${device}_rx_drop`, one.receiveDrops]);
    entries.push([`${device}_tx`, one.sentBytes], [`${device}_tx_packets`, one.sentPackets]);
    entries.push([`${device}_tx_errors`, one.sendErrors], [`${device}_tx_drop`, one.sendDrops]);
  }
  entries.push(['memory-actual', kib(memory?.balloonBytes)], ['memory-rss', kib(memory?.residentBytes)]);
  entries.push(
    ['memory-available', kib(memory?.availableBytes)],
    ['memory-unused', kib(memory?.unusedBytes)],
    ['memory-usable', kib(memory?.usableBytes)],
  );
  return Object.fromEntries(entries.filter((entry): entry is [string, number] => entry[1] !== undefined));
}

const kib = (bytes: number | undefined): number | undefined => (bytes === undefined ? undefined : Math.round(bytes / 1024));
