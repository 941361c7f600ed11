import { setTimeout as sleep } from 'node:timers/promises';
import type { Changing } from './changing.js';
import type { Stats } from './libvirt-calls.js';

const EVERY_MS = 1000;

/** Does what takes as long as a guest has memory, and tells about once a second how far libvirt's job has come. */
export async function withJobProgress<T>(changing: Changing, phase: string, run: () => Promise<T>): Promise<T> {
  const ended = new AbortController();
  watch(changing, phase, ended.signal).catch(() => {}); // progress is a courtesy: the work does not fail for want of it
  try {
    return await run();
  } finally {
    ended.abort();
  }
}

/** Asks on a connection of its own: a QEMU that does not answer must not take the one with it on which the work is done. */
async function watch({ id, deadline, tools: { stats }, progress }: Changing, phase: string, ended: AbortSignal): Promise<void> {
  for (;;) {
    await sleep(EVERY_MS, undefined, { signal: ended });
    const found = await stats?.call(
      'virDomainGetJobStats',
      `job of ${id}`,
      async (connection) => (await connection.lookupByUUIDString(id)).jobStats(0),
      deadline,
    );
    if (found === undefined || ended.aborted) return;
    const bytes = amount(found, 'data_processed') ?? amount(found, 'memory_processed');
    const totalBytes = amount(found, 'data_total') ?? amount(found, 'memory_total');
    if (bytes !== undefined) progress({ phase, bytes, ...(totalBytes !== undefined && totalBytes > 0 && { totalBytes }) });
  }
}

export function amount(stats: Stats, name: string): number | undefined {
  const value = stats[name];
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : undefined;
}
