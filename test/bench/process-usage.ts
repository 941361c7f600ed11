import { readFile } from 'node:fs/promises';

export interface MemoryMiB {
  readonly rss: number;
  /** Its fair share of pages that several processes map. */
  readonly pss: number;
}

/** Memory of a process, by the kernel's own account. */
export async function memoryOf(pid: number): Promise<MemoryMiB> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
  const mebibytes = (field: string): number => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(rollup)?.[1]) / 1024;
  return { rss: mebibytes('Rss'), pss: mebibytes('Pss') };
}

/** The kernel counts processor time for programs in hundredths of a second (USER_HZ). */
const TICK_MS = 10;

/** Processor time that a process has used, and the children that it waited for apart from it. */
export async function cpuMsOf(pid: number): Promise<{ own: number; children: number }> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // the name before it may hold anything
  const [user = 0, system = 0, childUser = 0, childSystem = 0] = fields.slice(11, 15).map((ticks) => Number(ticks) * TICK_MS);
  return { own: user + system, children: childUser + childSystem };
}
