import { open, rename, rm, writeFile } from 'node:fs/promises';
import { unfinishedName } from './disks.js';
import { isThere } from './instance-directory.js';
import { seedFiles, type SeedWish } from './seed-files.js';
import { makeIso } from './xorriso.js';

export const SEED_ISO = 'seed.iso';

/** Nobody but the worker, and the hypervisor that libvirt lends it to. */
const SECRET = 0o600;

/** For xorriso, one of the seed's files at a time; gone when the CD is there. */
const pieceName = (index: number): string => `seed-${index}`;

/** Every file that making the seed may leave in the instance's directory, for its manifest. */
export function seedManifest(spec: SeedWish, name = SEED_ISO): string[] {
  return spec.seed ? [name, ...seedFiles(spec).files.map((_, index) => pieceName(index))] : [];
}

/** Makes the CD in the instance's directory, unless it is there; on the storage when it has its name. The same spec makes the same bytes. */
export async function makeSeed(directory: string, spec: SeedWish, timeoutMs: number, signal?: AbortSignal, name = SEED_ISO): Promise<void> {
  if (!spec.seed) return;
  const { label, files } = seedFiles(spec);
  const pieces = files.map((file, index) => ({ name: file.name, piece: pieceName(index) }));
  try {
    if (await isThere(`${directory}/${name}`)) return; // whoever made it may have been cut off before it took the pieces away
    await Promise.all(files.map(({ content }, index) => writeSecret(`${directory}/${pieceName(index)}`, content)));
    const iso = await makeIso({ directory, label, files: pieces }, timeoutMs, signal);
    const unfinished = unfinishedName(`${directory}/${name}`);
    await writeSecret(unfinished, iso);
    await sync(unfinished);
    await rename(unfinished, `${directory}/${name}`);
  } finally {
    await Promise.all(pieces.map(({ piece }) => rm(`${directory}/${piece}`, { force: true })));
  }
}

/** Afresh, so that the mode is ours whatever an attempt that was cut off left there. */
async function writeSecret(file: string, content: string | Buffer): Promise<void> {
  await rm(file, { force: true });
  await writeFile(file, content, { mode: SECRET, flag: 'wx' });
}

async function sync(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.datasync();
  } finally {
    await handle.close();
  }
}
