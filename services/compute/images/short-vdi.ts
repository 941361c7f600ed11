import { open } from 'node:fs/promises';
import { imageError } from './image-error.js';

/** Where the header of a .vdi (QEMU block/vdi.c) says where the blocks begin, how large each is, and how many are in the file. */
const VDI = { data: 344, blockSize: 376, allocated: 388, headerBytes: 392 };

/**
 * Refuses a .vdi that has not all blocks that its header speaks of: qemu-img does not compare them with the file, and the rest would read as zeros.
 * @throws invalid
 */
export async function refuseShortVdi(file: string, what: string): Promise<void> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const header = Buffer.alloc(VDI.headerBytes);
    await handle.read(header, 0, header.length, 0);
    const needed = header.readUInt32LE(VDI.data) + header.readUInt32LE(VDI.blockSize) * header.readUInt32LE(VDI.allocated);
    if (size >= needed) return;
    throw imageError('invalid', what, `the image was cut short: its header speaks of ${needed} bytes, and it has ${size}; copy it again`);
  } finally {
    await handle.close();
  }
}
