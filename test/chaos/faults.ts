import { setTimeout as delay } from 'node:timers/promises';
import { statfs, unlink, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { FaultName } from './fault-names.js';
import type { Ground } from './ground.js';

/** A fault from its beginning to its end, on the seed's clock. */
export interface Struck {
  readonly name: FaultName;
  readonly from: number;
  to: number;
  /** The instance that it struck, where it was one. */
  readonly id?: string;
}

/** Which failures a fault may bring a command that was under way with it; any other answer than the model's is wrong. */
export const EXCUSES: Partial<Readonly<Record<FaultName, readonly string[]>>> = {
  // The last try is the last because the deadline has passed. A clock that was back is put forward again.
  'clock forward': ['timeout', 'unavailable', 'busy'],
  'clock back': ['timeout', 'unavailable', 'busy'],
  'disk full': ['exhausted'],
  'qemu killed': ['internal', 'precondition'],
};

const HOUR_MS = 3_600_000;

/** Does one fault and takes it back. Resolves when it is over. */
export async function strike(ground: Ground, struck: Struck, ms: number, roll: number): Promise<void> {
  const { line, worker, broker, libvirtd } = ground;
  switch (struck.name) {
    case 'line cut':
      return line.cut();
    case 'line cut in a frame':
      return line.breakAfter(roll * 3);
    case 'line silent':
      line.silence();
      await delay(ms);
      if (roll % 2) line.cut();
      return line.heal();
    case 'line refused':
      line.refuse();
      await delay(ms);
      return line.heal();
    case 'broker frozen':
      await broker.freeze();
      await delay(ms);
      return broker.thaw();
    case 'broker killed':
      await broker.kill();
      return broker.start();
    case 'libvirtd frozen':
      await libvirtd.freeze();
      await delay(ms);
      return libvirtd.thaw();
    case 'libvirtd killed':
      await libvirtd.crash();
      await delay(ms / 4);
      return libvirtd.start();
    case 'worker frozen':
      await worker.signal('SIGSTOP');
      await delay(ms);
      return worker.signal('SIGCONT');
    case 'worker killed':
      return worker.signal('SIGKILL');
    case 'worker told to leave':
      return worker.signal('SIGTERM');
    case 'disk full':
      return fillDisk(ground, ms, roll);
    case 'clock forward':
    case 'clock back':
      await worker.setClock((struck.name === 'clock back' ? -1 : 1) * (roll % 24) * HOUR_MS);
      await delay(ms);
      return worker.setClock(0);
    case 'qemu frozen':
    case 'qemu killed': {
      const pid = (await ground.processes()).find(({ guest }) => guest === struck.id)?.pid;
      if (pid === undefined) return;
      signal(pid, struck.name === 'qemu killed' ? 'SIGKILL' : 'SIGSTOP');
      if (struck.name === 'qemu killed') return;
      await delay(ms);
      return signal(pid, 'SIGCONT');
    }
  }
}

/** Leaves some hundred KiB at most: enough for a beginning, not for an end. */
async function fillDisk({ stateDir, smallDisk }: Ground, ms: number, roll: number): Promise<void> {
  if (!smallDisk) return;
  const ballast = join(stateDir, 'ballast');
  const { bavail, bsize } = await statfs(stateDir);
  const handle = await open(ballast, 'w');
  try {
    let left = bavail * bsize - (roll % 100) * 4096;
    const block = Buffer.alloc(1024 * 1024);
    while (left > 0) {
      const { bytesWritten } = await handle.write(block, 0, Math.min(block.length, left)).catch(() => ({ bytesWritten: 0 }));
      if (bytesWritten === 0) break;
      left -= bytesWritten;
    }
  } finally {
    await handle.close();
  }
  await delay(ms);
  await unlink(ballast);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    return; // gone meanwhile
  }
}
