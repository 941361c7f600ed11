import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { waitUntil } from '../private/wait-until.js';

/** A demo that was left running. */
export interface Kept {
  /** Of the process that ends it all on SIGTERM. */
  readonly pid: number;
  readonly directory: string;
}

const file = (root: string): string => join(root, '.cache/demo-kept.json');

/** The demo that runs still; a note of one that is gone is removed. */
export async function keptDemo(root: string): Promise<Kept | undefined> {
  const text = await readFile(file(root), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const kept = JSON.parse(text) as Kept;
  if (await isAlive(kept)) return kept;
  await rm(file(root), { force: true });
  return undefined;
}

export async function noteKept(root: string, kept: Kept): Promise<void> {
  await mkdir(dirname(file(root)), { recursive: true });
  await writeFile(file(root), JSON.stringify(kept));
}

export async function endKept(root: string, kept: Kept): Promise<void> {
  process.kill(kept.pid, 'SIGTERM');
  await waitUntil('the end of the demo', async () => !existsSync(kept.directory) && !(await isAlive(kept)));
  await rm(file(root), { force: true });
}

/** A number may belong to another process by now: ours has its run directory on its command line. */
async function isAlive({ pid, directory }: Kept): Promise<boolean> {
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return commandLine.split('\0').includes(directory);
}
