import type { Stats } from 'node:fs';
import { chmod, lstat, mkdir, readdir, rename, rmdir, stat, unlink } from 'node:fs/promises';
import path from 'node:path';
import { ComputeError } from '../../../common/errors.js';
import { unfinishedName } from './disks.js';
import { JOURNAL, type JournalState, NO_JOURNAL, readJournal, UNFINISHED_JOURNAL } from './journal.js';

/** Others may pass through, so that QEMU under a user of its own reaches its disks, but not look around. */
const PASSABLE = 0o711;
const DELETING = '.deleting';

/** An instance's id as its directory, its domain and its files have it in their names. */
export const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const INSTANCE_ID = new RegExp(`^${UUID}$`);
export const isInstanceId = (name: string): boolean => INSTANCE_ID.test(name);

export const CONSOLE_LOG = 'console.log';

export interface Removal {
  readonly removed: readonly string[];
  /** Names, in the instance's directory, of files that we did not make and therefore left with it. */
  readonly leftovers: readonly string[];
}

/** The directories of all instances: STATE_DIR/instances/<uuid>. */
export class InstanceDirectories {
  readonly root: string;

  constructor(stateDir: string) {
    this.root = path.join(path.resolve(stateDir), 'instances');
  }

  of(id: string): string {
    return path.join(this.root, id);
  }

  async prepare(): Promise<void> {
    await mkdir(this.root, { recursive: true });
    await chmod(this.root, PASSABLE);
  }

  async exists(id: string): Promise<boolean> {
    return isThere(this.of(id));
  }

  /**
   * What the instance's directory remembers; nothing when there is none.
   * @throws precondition as `refuseStranger`
   */
  async journal(id: string): Promise<JournalState> {
    return (await this.refuseStranger(id)) ? readJournal(this.of(id)) : NO_JOURNAL;
  }

  /**
   * What stands in the place of the directory and is none, a symbolic link above all, is not ours: not followed and not taken away. False:
   * nothing stands there.
   * @throws precondition naming it
   */
  async refuseStranger(id: string): Promise<boolean> {
    const found = await lstat(this.of(id)).catch(ignore('ENOENT'));
    if (!found) return false;
    const stranger = strangerIn(found);
    if (stranger === null) return true;
    const what = `instances/${id} in the worker's state directory is ${stranger} and not a directory`;
    throw new ComputeError('precondition', `${what}; novalet has not made it, take it away`);
  }

  /** Makes the directory; false when it was there already. */
  async make(id: string): Promise<boolean> {
    try {
      await mkdir(this.of(id));
    } catch (error) {
      if (isErrno(error, 'EEXIST')) return false;
      if (!isErrno(error, 'ENOENT')) throw error;
      await this.prepare(); // somebody took the state directory away while we ran
      await mkdir(this.of(id));
    }
    await chmod(this.of(id), PASSABLE); // whatever the umask made of it
    return true;
  }

  /**
   * Takes away what the manifest lists, then the directory. Out of the way by one rename first, so that a new spawn of the id never
   * meets half of an old one; cut off, it is finished by `sweep` or the next destroy. Files of others stay where they then are, named
   * again each time; they keep nobody from using the id.
   */
  async remove(id: string): Promise<Removal> {
    await this.refuseStranger(id);
    const earlier = await clear(this.of(id) + DELETING);
    const aside = this.of(id) + DELETING;
    try {
      await rename(this.of(id), aside);
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return earlier;
      if (!['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].some((code) => isErrno(error, code))) throw error;
      const here = await clear(this.of(id)); // something of others holds the other name: then in place
      return { removed: [...earlier.removed, ...here.removed], leftovers: [...earlier.leftovers, ...here.leftovers] };
    }
    const now = await clear(aside);
    return { removed: [...earlier.removed, ...now.removed], leftovers: now.leftovers };
  }

  /** Takes away a directory in whose journal nothing has begun, if nothing else is in it; false when there is no such. */
  async removeBare(id: string): Promise<boolean> {
    const names = await readdir(this.of(id)).catch(ignore('ENOENT'));
    if (!names || names.some((name) => name !== JOURNAL)) return false;
    await unlinked(path.join(this.of(id), JOURNAL));
    await rmdir(this.of(id));
    return true;
  }

  /** Everything that still bears the id. */
  async traces(id: string): Promise<string[]> {
    const both = [this.of(id), this.of(id) + DELETING];
    const there = await Promise.all(both.map(isThere));
    return both.filter((_, i) => there[i]);
  }

  /** Finishes destroys that were cut off. */
  async sweep(): Promise<void> {
    const names = await readdir(this.root).catch(() => []);
    for (const name of names) {
      if (name.endsWith(DELETING)) await clear(path.join(this.root, name));
    }
  }
}

export async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    (error: unknown) => {
      if (isErrno(error, 'ENOENT')) return false;
      throw error;
    },
  );
}

/** What is there and is no directory, in words; null for a directory and for nothing. Never follows a link. */
async function strangerAt(file: string): Promise<string | null> {
  const found = await lstat(file).catch(ignore('ENOENT'));
  return found ? strangerIn(found) : null;
}

function strangerIn(found: Stats): string | null {
  if (found.isDirectory()) return null;
  return found.isSymbolicLink() ? 'a symbolic link' : 'a file';
}

/** Manifest last: cut off in the middle, the rest is still known as ours. What stays without it is nobody's instance. */
async function clear(directory: string): Promise<Removal> {
  if ((await strangerAt(directory)) !== null) return { removed: [], leftovers: [path.basename(directory)] };
  const { files } = await readJournal(directory).catch(() => ({ files: [] as string[] }));
  const removed: string[] = [];
  for (const name of files.flatMap((file) => [file, unfinishedName(file)])) {
    if (await unlinked(path.join(directory, name))) removed.push(name);
  }
  await unlinked(path.join(directory, UNFINISHED_JOURNAL));
  const rest = await readdir(directory).catch(() => null);
  if (rest === null) return { removed, leftovers: [] };
  const strangers = rest.filter((name) => name !== JOURNAL);
  await unlinked(path.join(directory, JOURNAL));
  if (strangers.length > 0) return { removed, leftovers: strangers };
  await rmdir(directory).catch(ignore('ENOENT'));
  return { removed: [...removed, path.basename(directory).replace(DELETING, '')], leftovers: [] };
}

async function unlinked(file: string): Promise<boolean> {
  try {
    await unlink(file);
    return true;
  } catch (error) {
    ignore('ENOENT')(error);
    return false;
  }
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code;
}

const ignore =
  (code: string) =>
  (error: unknown): void => {
    if (!isErrno(error, code)) throw error;
  };
