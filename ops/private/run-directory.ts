import { chown, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ordinaryUser } from './ordinary-user.js';

/**
 * A UNIX socket's path ends at 107 bytes, and libvirt puts some 82 of its own behind the session's configuration directory.
 * What is above that directory has to stay within the rest.
 */
const LONGEST_BASE = 8;

/** A new private directory (0700) that belongs to the ordinary user; its path is short enough for libvirt's sockets. */
export async function makeRunDirectory(): Promise<string> {
  const base = Buffer.byteLength(tmpdir()) <= LONGEST_BASE ? tmpdir() : '/tmp';
  const dir = await mkdtemp(join(base, 'nv-'));
  const { uid, gid } = ordinaryUser();
  if (process.getuid?.() === 0) await chown(dir, uid, gid);
  return dir;
}
