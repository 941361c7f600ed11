import { readFile } from 'node:fs/promises';
import { openLent } from '../../private-files.js';
import { qemuImg } from './qemu-img.js';

/** What a fresh qcow2 file is made from; two of the same wish are the same, byte for byte: the format has no id or date in it. */
export interface FreshQcow2 {
  readonly base?: { readonly file: string; readonly format: string; readonly virtualSizeBytes: number };
  /** Absent: the size of the base. */
  readonly sizeBytes?: number;
}

/** The bytes of a file that are not zero, a block at a time. */
interface Sparse {
  readonly length: number;
  readonly blocks: readonly { readonly at: number; readonly bytes: Buffer }[];
}

const BLOCK = 4096;
/** The tables of a fresh file grow with the disk: beyond this one (some terabytes) qemu-img makes every one. */
const LARGEST = 2 * 1024 * 1024;
const REMEMBERED = 64;

/**
 * Makes fresh qcow2 files. qemu-img makes the first of each kind; the next are written from memory, because starting a process takes
 * longer than all the rest of a disk, and a burst of spawns wants the same few kinds again and again.
 */
export class FreshQcow2Files {
  private readonly known = new Map<string, Sparse>();

  /** Leaves `file` on the storage, over whatever an attempt that was cut off left there. */
  async make(file: string, wish: FreshQcow2, timeoutMs: number, signal?: AbortSignal): Promise<void> {
    const kind = JSON.stringify([wish.base, wish.sizeBytes]);
    const known = this.known.get(kind);
    if (known) return write(file, known);
    await create(file, wish, timeoutMs, signal);
    const made = await readSparse(file);
    if (!made) return;
    this.known.set(kind, made);
    if (this.known.size > REMEMBERED) this.known.delete(this.known.keys().next().value as string);
  }
}

/** An absolute path needs no escaping: qemu-img takes a protocol or options only from names that do not begin with a slash. */
async function create(file: string, { base, sizeBytes }: FreshQcow2, timeoutMs: number, signal?: AbortSignal): Promise<void> {
  const backing = base ? ['-b', base.file, '-F', base.format] : [];
  const size = sizeBytes === undefined ? [] : [String(sizeBytes)];
  await qemuImg(['create', '-q', '-f', 'qcow2', ...backing, file, ...size], timeoutMs, signal);
  const handle = await openLent(file, 'r+');
  try {
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

async function write(file: string, { length, blocks }: Sparse): Promise<void> {
  const handle = await openLent(file, 'w');
  try {
    await handle.truncate(length);
    for (const { at, bytes } of blocks) await handle.write(bytes, 0, bytes.length, at);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

async function readSparse(file: string): Promise<Sparse | null> {
  const whole = await readFile(file);
  if (whole.length > LARGEST) return null;
  const blocks = [];
  for (let at = 0; at < whole.length; at += BLOCK) {
    const block = whole.subarray(at, at + BLOCK);
    if (block.some((byte) => byte !== 0)) blocks.push({ at, bytes: Buffer.from(block) });
  }
  return { length: whole.length, blocks };
}
