import { chown, copyFile, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ordinaryUser } from './ordinary-user.js';
import { permits } from './permits.js';

/**
 * A UNIX socket's path ends at 107 bytes, and libvirt puts some 82 of its own behind the session's configuration directory.
 * What is above that directory has to stay within the rest.
 */
const LONGEST_BASE = 8;

export interface RunDirectory {
  readonly directory: string;
  /** A Node that the ordinary user can run: this process's own, or a copy in the directory where it lies behind a closed one. */
  readonly node: string;
}

/** A new private directory (0700) that belongs to the ordinary user; its path is short enough for libvirt's sockets. */
export async function makeRunDirectory(): Promise<RunDirectory> {
  const base = Buffer.byteLength(tmpdir()) <= LONGEST_BASE ? tmpdir() : '/tmp';
  const dir = await mkdtemp(join(base, 'nv-'));
  const user = ordinaryUser();
  let node = process.execPath;
  if (process.getuid?.() === 0) {
    if (!permits(user, 'x', node)) {
      node = join(dir, 'node');
      await copyFile(process.execPath, node); // before the directory changes hands
    }
    await chown(dir, user.uid, user.gid);
  }
  return { directory: dir, node };
}
