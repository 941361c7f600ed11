import { open } from 'node:fs/promises';
import { imageError } from './image-error.js';

const HEADER_BYTES = 4096;

/** Bits of qcow2's incompatible features (QEMU docs/interop/qcow2.txt). */
const CORRUPT = 1n << 1n;
const EXTERNAL_DATA_FILE = 1n << 2n;
/** Dirty, corrupt, data file, compression type, extended L2: what a header may say today. */
const KNOWN_FEATURES = 0b11111n;

/**
 * Looks at an image before qemu-img does, because qemu-img opens the files that some images name. What is refused here is never opened.
 * @throws ComputeError invalid
 */
export async function refuseByHeader(file: string, what: string): Promise<void> {
  const header = Buffer.alloc(HEADER_BYTES);
  const handle = await open(file, 'r');
  try {
    await handle.read(header, 0, header.length, 0);
  } finally {
    await handle.close();
  }
  const magic = header.toString('latin1', 0, 4);
  if (magic === 'QFI\xfb') refuseQcow(header, what);
  if (magic === 'QED\0') throw imageError('invalid', what, `the image is qed, which is not taken; ${FLATTEN}`);
  if (magic === 'KDMV') refuseVmdk(header, what);
  // A VMDK that is a text names the files that its data is in; COWD is one of its extents.
  if (magic === 'COWD' || /^(?:\s*#[^\n]*\n|\s*\n)*\s*#\s*Disk DescriptorFile|^\s*(?:version=|CID=)/.test(header.toString('latin1'))) {
    throw namesOthers(what);
  }
}

const FLATTEN = 'flatten it with qemu-img convert -O qcow2';

const namesOthers = (what: string) => imageError('invalid', what, `the image needs another file (backing or data file); ${FLATTEN}`);

function refuseQcow(header: Buffer, what: string): void {
  if (header.readBigUInt64BE(8) !== 0n) throw namesOthers(what);
  const version = header.readUInt32BE(4);
  if (version < 2) throw imageError('invalid', what, `the image is qcow of version ${version}, which is not taken; ${FLATTEN}`);
  if (header.readUInt32BE(32) !== 0) throw imageError('invalid', what, `the image is encrypted; ${FLATTEN}`);
  if (version < 3) return;
  const features = header.readBigUInt64BE(72);
  if ((features & EXTERNAL_DATA_FILE) !== 0n) throw namesOthers(what);
  if ((features & CORRUPT) !== 0n) throw imageError('invalid', what, 'the image says of itself that it is corrupt (qemu-img check -r)');
  if (features > KNOWN_FEATURES) throw imageError('invalid', what, 'the image has features that nobody here knows');
}

/** With a capacity of nothing QEMU takes the embedded description for the whole image, and with it the files that it names. */
function refuseVmdk(header: Buffer, what: string): void {
  if (header.readBigUInt64LE(12) === 0n) throw namesOthers(what);
}
