import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import * as libvirt from '@novalet/libvirt';
import type { Libvirtd } from '../../ops/private/libvirtd.js';
import { takeAwayAfter, type TakeAway } from '../support/take-away.js';
import { withLibvirtd } from '../support/with-libvirtd.js';
import { WorkerProcess } from './worker-process.js';

export interface HostUnderTest {
  readonly libvirtd: Libvirtd;
  readonly worker: WorkerProcess;
  readonly name: string;
  /** Ids of the running domains; `all` with those that are defined and off. */
  domains(): Promise<{ running: string[]; all: string[] }>;
  /** Processes of guests, whatever libvirt knows of them. */
  guestProcesses(): Promise<number>;
  /** Everything under the instances' directory, as paths relative to it. */
  files(): Promise<string[]>;
}

/** A private libvirtd and a worker process on it; the worker is not started yet. */
export async function hostUnderTest(t: TakeAway, amqpUrl: string | null, virtType: 'qemu' | 'test'): Promise<HostUnderTest> {
  const libvirtd = await withLibvirtd(t);
  const { supervisor } = libvirtd;
  const libvirtUri = virtType === 'test' ? libvirtd.testUri : libvirtd.qemuUri;
  const name = `host-${randomUUID().slice(0, 8)}`;
  const worker = new WorkerProcess({ supervisor, amqpUrl, libvirtUri, virtType, host: name });
  // The test driver forgets its domains with its last connection, which must not be the worker's.
  const keeper = virtType === 'test' ? await libvirt.open(libvirtUri) : null;
  takeAwayAfter(t, async () => {
    await keeper?.close();
    await worker.kill();
  });
  const list = async (...filter: string[]) => (await libvirtd.virsh(['list', '--uuid', ...filter], libvirtUri)).split('\n').filter(Boolean);
  const foreign = new Set(await list('--all')); // the test driver is born with one
  const ours = (ids: string[]) => ids.filter((id) => !foreign.has(id)).sort();
  const instances = path.join(worker.stateDir, 'instances');
  return {
    libvirtd,
    worker,
    name,
    domains: async () => ({ running: ours(await list('--state-running')), all: ours(await list('--all')) }),
    guestProcesses: () => countGuestProcesses(libvirtd.directory),
    files: async () => (await readdir(instances, { recursive: true })).sort(),
  };
}

/** QEMUs whose monitor lies in this libvirtd's directory. */
async function countGuestProcesses(directory: string): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return lines.filter((line) => line.includes('qemu-system') && line.includes('guest=novalet-') && line.includes(directory)).length;
}
