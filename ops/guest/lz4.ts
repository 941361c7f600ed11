/** First bytes of the legacy frame, the one in which the kernel's build packs. */
const LEGACY_MAGIC = 0x184c2102;
/** What a block of the legacy frame unpacks to, at most. */
const BLOCK_BYTES = 8 * 1024 * 1024;

export const isLz4Legacy = (data: Buffer): boolean => data.length >= 8 && data.readUInt32LE(0) === LEGACY_MAGIC;

/**
 * Unpacks a legacy LZ4 frame (lz4_Frame_format.md, "Legacy frame").
 * @throws RangeError when the data is damaged
 */
export function unpackLz4Legacy(frame: Buffer): Buffer {
  const blocks: Buffer[] = [];
  let at = 4;
  while (at + 4 <= frame.length) {
    const size = frame.readUInt32LE(at);
    const start = at + 4;
    if (start + size > frame.length) break; // the kernel's build puts the unpacked size behind the last block
    blocks.push(unpackBlock(frame.subarray(start, start + size)));
    at = start + size;
  }
  return Buffer.concat(blocks);
}

/** lz4_Block_format.md: sequences of literals and copies from what is already unpacked. */
function unpackBlock(block: Buffer): Buffer {
  const out = Buffer.allocUnsafe(BLOCK_BYTES);
  let from = 0;
  let to = 0;
  /** A length of 15 goes on in the bytes that follow, as long as they are 255. */
  const lengthFrom = (nibble: number): number => {
    let length = nibble;
    if (nibble === 15) {
      let more: number;
      do {
        more = block.readUInt8(from++);
        length += more;
      } while (more === 255);
    }
    return length;
  };
  while (from < block.length) {
    const token = block.readUInt8(from++);
    const literals = lengthFrom(token >> 4);
    block.copy(out, to, from, from + literals);
    from += literals;
    to += literals;
    if (from >= block.length) break; // the last sequence has no copy
    const distance = block.readUInt16LE(from);
    from += 2;
    const length = lengthFrom(token & 15) + 4;
    if (distance === 0 || distance > to || to + length > BLOCK_BYTES) throw new RangeError('damaged LZ4 block');
    // Byte by byte where source and target overlap: that is how runs are packed.
    if (distance >= length) out.copy(out, to, to - distance, to - distance + length);
    else for (let i = 0; i < length; i++) out[to + i] = out[to - distance + i] ?? 0;
    to += length;
  }
  return out.subarray(0, to);
}
