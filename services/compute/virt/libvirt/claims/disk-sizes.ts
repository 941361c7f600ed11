import { open, readdir } from 'node:fs/promises';
import path from 'node:path';

/** The disks that an instance's directory holds, those that are being made included. */
const DISK = /^(disk-[a-z0-9]+\.qcow2)(\.part)?$/;
const QCOW2_MAGIC = 0x514649fb;
/** Where a qcow2 header keeps the size that the guest sees, in bytes. */
const SIZE_AT = 24;
const MIB = 1024 * 1024;

export const inMiB = (bytes: number): number => Math.ceil(bytes / MIB);

/** What the disks in an instance's directory may grow to; 0 where there are none. */
export async function diskMiBIn(directory: string): Promise<number> {
  const names = await readdir(directory).catch(() => []);
  const disks = new Set(names.flatMap((name) => DISK.exec(name)?.[1] ?? []));
  const sizes = await Promise.all(
    [...disks].map(
      async (name) => (await virtualSizeOf(path.join(directory, name))) ?? (await virtualSizeOf(path.join(directory, `${name}.part`))) ?? 0,
    ),
  );
  return sizes.reduce((sum, size) => sum + inMiB(size), 0);
}

/** Reads the header alone: no process is worth it. Undefined for what is no qcow2 file, or not yet. */
export async function virtualSizeOf(file: string): Promise<number | undefined> {
  const handle = await open(file, 'r').catch(() => null);
  if (!handle) return undefined;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(SIZE_AT + 8), 0, SIZE_AT + 8, 0);
    return bytesRead === SIZE_AT + 8 && buffer.readUInt32BE(0) === QCOW2_MAGIC ? Number(buffer.readBigUInt64BE(SIZE_AT)) : undefined;
  } finally {
    await handle.close();
  }
}
