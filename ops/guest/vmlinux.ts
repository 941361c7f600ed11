import { spawnSync } from 'node:child_process';
import { gunzipSync } from 'node:zlib';
import { isLz4Legacy, unpackLz4Legacy } from './lz4.js';

const ELF = Buffer.from('\x7fELF', 'latin1');
/** Packers that a kernel may be packed with, by the first bytes of their output, and the program that unpacks it. */
const PROGRAMS = [
  { magic: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]), command: 'xz' },
  { magic: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), command: 'zstd' },
];

/**
 * The ELF image inside a bzImage (Documentation/arch/x86/boot.rst): QEMU starts it by its PVH entry, without the unpacking inside the
 * guest, which emulation makes slow. null when it is packed in a way that nothing here unpacks.
 */
export function vmlinuxOf(bzImage: Buffer): Buffer | null {
  const setupSectors = (bzImage.readUInt8(0x1f1) || 4) + 1;
  const start = setupSectors * 512 + bzImage.readUInt32LE(0x248);
  const payload = bzImage.subarray(start, start + bzImage.readUInt32LE(0x24c));
  const image = unpack(payload);
  return image?.subarray(0, 4).equals(ELF) ? image : null;
}

function unpack(payload: Buffer): Buffer | null {
  if (isLz4Legacy(payload)) return unpackLz4Legacy(payload);
  if (payload[0] === 0x1f && payload[1] === 0x8b) return gunzipSync(payload.subarray(0, -4));
  const program = PROGRAMS.find(({ magic }) => payload.subarray(0, magic.length).equals(magic));
  if (!program) return null;
  // Its last four bytes are the unpacked size, which only the kernel's own loader wants.
  const unpacked = spawnSync(program.command, ['-dc'], { input: payload.subarray(0, -4), maxBuffer: 2 ** 28 });
  return unpacked.status === 0 ? unpacked.stdout : null;
}
