import { accessSync, chmodSync, constants, lstatSync, readdirSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';

/** Of a file that QEMU works with: libvirt gives it to QEMU's user and group meanwhile, and the worker, who is in that group, can still read it. */
const LENT = 0o640;
const OTHERS = 0o007;
const GROUP_AND_OTHERS = 0o077;

/** Opens a file that QEMU works with: readable for QEMU's group and nobody else, whatever the umask, and whatever lay there. */
export async function openLent(file: string, flags: string | number): Promise<FileHandle> {
  const handle = await open(file, flags, LENT);
  try {
    await handle.chmod(LENT);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * Nobody else on the host reads what guests have on their disks, or what was said to the worker: files that are made are the worker's alone unless
 * it says otherwise, and those of an earlier worker are put right. What QEMU has at that moment is its user's, and is put right at a later start.
 * @returns disks that the worker itself may not read
 */
export function keepFilesPrivate(stateDir: string): string[] {
  process.umask(GROUP_AND_OTHERS);
  takeFrom(stateDir, GROUP_AND_OTHERS);
  const instances = join(stateDir, 'instances');
  return namesIn(instances).flatMap((name) => {
    const directory = join(instances, name);
    return takeFrom(directory, OTHERS)
      .filter((file) => file.endsWith('.qcow2'))
      .map((file) => join(directory, file))
      .filter((file) => !isReadable(file));
  });
}

/** Of files alone, not of directories and what is in them. @returns what is in it */
function takeFrom(directory: string, rights: number): string[] {
  const names = namesIn(directory);
  for (const name of names) {
    const file = join(directory, name);
    try {
      const found = lstatSync(file);
      if (found.isFile() && (found.mode & rights) !== 0) chmodSync(file, found.mode & 0o777 & ~rights);
    } catch {
      // gone, or not ours at the moment
    }
  }
  return names;
}

/** None where there is no such directory. */
function namesIn(directory: string): string[] {
  try {
    return lstatSync(directory).isDirectory() ? readdirSync(directory) : [];
  } catch {
    return [];
  }
}

function isReadable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}
