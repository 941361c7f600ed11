import { open } from 'node:fs/promises';
import { imageError } from './image-error.js';

const SECTOR = 512;
/** The master boot record's four entries, and where each has its kind, its first sector and its number of sectors. */
const MBR = { entries: [446, 462, 478, 494], kind: 4, first: 8, sectors: 12, magicAt: 510, magic: 0xaa55 };
/** The kind of an entry that stands for a GPT and may be of any size. */
const PROTECTIVE = 0xee;
/** A GPT's header, in the second sector, and where it says in which sector its copy is: the last one. */
const GPT = { magic: 'EFI PART', copyAt: 32 };
/** Control characters that no text has; what is above ASCII may be UTF-8. */
const NO_TEXT = /[\0-\x08\x0e-\x1f\x7f]/;

/**
 * Raw is what has no format's mark, so also the page that a server sends in place of an image. For those who did not say that they want raw, nor which
 * bytes: what begins like a text, does not end with a sector, or ends before its own partitions is taken for no disk.
 * @throws invalid
 */
export async function refuseDoubtfulRaw(file: string, what: string): Promise<void> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2 * SECTOR), 0, 2 * SECTOR, 0);
    const isText = bytesRead > 0 && !NO_TEXT.test(buffer.toString('latin1', 0, Math.min(bytesRead, SECTOR)));
    const needed = BigInt(SECTOR) * sectorsNamed(buffer);
    if (!isText && size % SECTOR === 0 && needed > BigInt(size)) throw cutShort(what, size, needed);
    if (!isText && size % SECTOR === 0) return;
    const why = isText ? 'it begins like a text' : `its ${size} bytes are no whole number of sectors`;
    throw imageError(
      'invalid',
      what,
      `this looks like no image: ${why}, and no format has such a mark; if it is a raw disk, say that its format is raw`,
    );
  } finally {
    await handle.close();
  }
}

/** How many sectors a disk has at least, by its table of partitions; 0 where it has none. */
function sectorsNamed(begin: Buffer): bigint {
  if (begin.toString('latin1', SECTOR, SECTOR + GPT.magic.length) === GPT.magic) return begin.readBigUInt64LE(SECTOR + GPT.copyAt) + 1n;
  if (begin.readUInt16LE(MBR.magicAt) !== MBR.magic) return 0n;
  const ends = MBR.entries.map((at) => {
    const kind = begin.readUInt8(at + MBR.kind);
    return kind === 0 || kind === PROTECTIVE
      ? 0n
      : BigInt(begin.readUInt32LE(at + MBR.first)) + BigInt(begin.readUInt32LE(at + MBR.sectors));
  });
  return ends.reduce((most, end) => (end > most ? end : most), 0n);
}

function cutShort(what: string, size: number, needed: bigint) {
  const words = `this looks like a disk that was cut short: its partitions reach to ${needed} bytes, and it has ${size}`;
  return imageError('invalid', what, `${words}; copy it again, or say that its format is raw if it is as it should be`);
}
