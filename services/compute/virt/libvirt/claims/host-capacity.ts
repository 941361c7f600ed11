import { readdir, readFile, statfs } from 'node:fs/promises';
import type { Capacity } from '../../../claims/limits.js';
import { hostCpus } from '../host/host-cpus.js';
import type { Connection } from '../libvirt-calls.js';
import type { Link } from '../link.js';

const MIB = 1024 * 1024;

/** What libvirt says of the host; it changes with a reboot, or when memory is plugged in. */
export interface Machine {
  readonly cpus: readonly number[];
  readonly memoryMiB: number;
}

export async function askMachine(link: Link, deadline: number): Promise<Machine> {
  const what = 'ask libvirt what the host has';
  const [info, capabilities] = await Promise.all([
    link.call('virNodeGetInfo', what, (connection: Connection) => connection.getInfo(), deadline),
    link.call('virConnectGetCapabilities', what, (connection: Connection) => connection.getCapabilities(), deadline),
  ]);
  const [, memoryMiB, cpus] = info;
  return { memoryMiB: Number(memoryMiB), cpus: hostCpus(capabilities) ?? Array.from({ length: Number(cpus) }, (_, cpu) => cpu) };
}

/** What of it is there at the moment: others fill the file system, and somebody may set huge pages aside. */
export async function capacityOf(machine: Machine, instances: string, root = ''): Promise<Capacity> {
  const [disk, hugepages] = await Promise.all([fileSystem(instances), pagesSetAside(`${root}/sys/kernel/mm/hugepages`)]);
  const inPagesKiB = [...(hugepages ?? [])].reduce((sum, [sizeKiB, pages]) => sum + sizeKiB * pages, 0);
  return { cpus: machine.cpus, memoryMiB: Math.max(0, machine.memoryMiB - Math.ceil(inPagesKiB / 1024)), disk, hugepages };
}

async function fileSystem(directory: string): Promise<Capacity['disk']> {
  const found = await statfs(directory).catch(() => undefined);
  if (!found) return undefined;
  const { blocks, bavail, bsize } = found;
  return { totalMiB: Math.floor((blocks * bsize) / MIB), freeMiB: Math.floor((bavail * bsize) / MIB) };
}

async function pagesSetAside(directory: string): Promise<ReadonlyMap<number, number> | undefined> {
  const names = await readdir(directory).catch(() => undefined);
  if (!names) return undefined;
  const sizes = await Promise.all(
    names.map(async (name): Promise<[number, number]> => [
      Number(/^hugepages-(\d+)kB$/.exec(name)?.[1] ?? 0),
      Number(await readFile(`${directory}/${name}/nr_hugepages`, 'utf8').catch(() => '0')),
    ]),
  );
  return new Map(sizes.filter(([sizeKiB]) => sizeKiB > 0));
}
