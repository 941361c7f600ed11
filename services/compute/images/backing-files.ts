import { open, readdir } from 'node:fs/promises';
import path from 'node:path';

const QCOW2_MAGIC = 0x514649fb;
const MAX_NAME = 1023;

/**
 * The file that an overlay is made over, as its header names it (QEMU docs/interop/qcow2.txt); null for what is no overlay or is gone.
 * @throws what the system says when it cannot be read
 */
export async function backingFileOf(file: string): Promise<string | null> {
  const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (!handle) return null;
  try {
    const header = Buffer.alloc(20);
    const { bytesRead } = await handle.read(header, 0, header.length, 0);
    if (bytesRead < header.length || header.readUInt32BE(0) !== QCOW2_MAGIC) return null;
    const [at, length] = [header.readBigUInt64BE(8), header.readUInt32BE(16)];
    if (at === 0n || length === 0 || length > MAX_NAME) return null;
    const name = Buffer.alloc(length);
    await handle.read(name, 0, length, Number(at));
    return name.toString();
  } finally {
    await handle.close();
  }
}

/** The files that the overlays in a directory are made over. Throws when one of them cannot be looked at. */
export async function backingFilesIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
  return backingFilesOf(entries.filter((entry) => entry.isFile()).map(({ name }) => path.join(directory, name)));
}

/** The files that these are made over. Throws when one of them cannot be looked at. */
export async function backingFilesOf(files: readonly string[]): Promise<string[]> {
  const found = await Promise.all(files.map(async (file) => ({ file, name: await backingFileOf(file) })));
  // A name that begins with a scheme is none of a file (json:, nbd:…); a relative one is so to its overlay.
  return found.flatMap(({ file, name }) =>
    name === null || /^[A-Za-z][A-Za-z0-9+.-]*:/.test(name) ? [] : [path.resolve(path.dirname(file), name)],
  );
}

/** Directories looked at together: enough to keep a disk busy, and few open files. */
const AT_ONCE = 16;

/** Names, without their directories, of all files that overlays of instances are made over. One that cannot be looked at fails the whole. */
export async function basesInUse(instancesRoot: string): Promise<ReadonlySet<string>> {
  const names = await readdir(instancesRoot).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const used = new Set<string>();
  for (let i = 0; i < names.length; i += AT_ONCE) {
    const some = names.slice(i, i + AT_ONCE).map((name) => backingFilesIn(path.join(instancesRoot, name)));
    for (const file of (await Promise.all(some)).flat()) used.add(path.basename(file));
  }
  return used;
}
