import { open, opendir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { bounded } from '../bounded.js';
import type { Driver } from '../ports.js';

/** What a worker needs to take commands, and whether it has it: `ok`, or what is wrong. */
export type Readiness = Readonly<Record<'broker' | 'libvirt' | 'disk' | 'commands', string>>;

export interface ReadinessSources {
  readonly driver: Pick<Driver, 'ping'>;
  /** Null when commands can be taken and answered. */
  readonly brokerTrouble: () => string | null;
  /** Why commands are not taken although they could be; null when they are. */
  readonly commandsTrouble?: () => string | null;
  readonly stateDir: string;
}

const PING_TIMEOUT_MS = 2000;
const DISK_TIMEOUT_MS = 2000;
export const OK = 'ok';

/** Looks at everything a worker depends on. One look at a time: whoever asks meanwhile gets the same answer. */
export function readinessProbe({
  driver,
  brokerTrouble,
  commandsTrouble = () => null,
  stateDir,
}: ReadinessSources): () => Promise<Readiness> {
  let underWay: Promise<Readiness> | null = null;
  const look = async (): Promise<Readiness> => {
    const [libvirt, disk] = await Promise.all([
      wordOf(within(PING_TIMEOUT_MS + 500, driver.ping(PING_TIMEOUT_MS))),
      wordOf(within(DISK_TIMEOUT_MS, writeSomething(stateDir))),
    ]);
    return { broker: brokerTrouble() ?? OK, libvirt, disk, commands: commandsTrouble() ?? OK };
  };
  return () => (underWay ??= look().finally(() => (underWay = null)));
}

async function wordOf(check: Promise<void>): Promise<string> {
  try {
    await check;
    return OK;
  } catch (error) {
    return bounded(error instanceof Error ? error.message : error);
  }
}

async function within(timeoutMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A full, read-only or broken disk shows only when written to; and somebody may have taken the instances from us. */
async function writeSomething(stateDir: string): Promise<void> {
  await refuseLocked(join(stateDir, 'instances'));
  const path = join(stateDir, `.writable-${process.pid}`);
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile('x');
    await file.datasync();
  } finally {
    await file.close();
    await unlink(path);
  }
}

/** @throws Error with the way out when it is there and not ours to use */
async function refuseLocked(directory: string): Promise<void> {
  try {
    await (await opendir(directory)).close();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return; // made with the first instance
    throw new Error(`${message}; give it to the user that the worker runs as`, { cause: error });
  }
}
