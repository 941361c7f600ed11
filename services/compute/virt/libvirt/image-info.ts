import { open, stat } from 'node:fs/promises';
import { ComputeError } from '../../../common/errors.js';
import { qemuImg } from './qemu-img.js';

export type ImageFormat = 'qcow2' | 'raw';

export interface ImageInfo {
  readonly format: ImageFormat;
  readonly virtualSizeBytes: number;
}

const QCOW2_MAGIC = 0x514649fb;
const EXTERNAL_DATA_FILE = 1 << 2;
const INFO_TIMEOUT_MS = 10_000;
const REMEMBERED = 256;

/** What qemu-img says of images, remembered for as long as the file stays the same. */
export class ImageInfos {
  private readonly known = new Map<string, Promise<ImageInfo>>();

  /**
   * @param file real path of the image
   * @param wanted the format that the user gave; absent: as found
   * @throws invalid when the image is not what it is said to be, or names other files of the host
   */
  async of(file: string, wanted: ImageFormat | undefined, field: string): Promise<ImageInfo> {
    const { dev, ino, size, mtimeNs } = await stat(file, { bigint: true });
    const key = `${dev}:${ino}:${size}:${mtimeNs}:${wanted ?? ''}:${file}`;
    const known = this.known.get(key);
    if (known) return known;
    const asked = inspect(file, wanted, field);
    this.known.set(key, asked);
    asked.catch(() => this.known.delete(key));
    if (this.known.size > REMEMBERED) this.known.delete(this.known.keys().next().value as string);
    return asked;
  }
}

async function inspect(file: string, wanted: ImageFormat | undefined, field: string): Promise<ImageInfo> {
  if (wanted !== 'raw') await refuseForeignReferences(file, field);
  const args = ['info', '--output=json', ...(wanted ? ['-f', wanted] : []), file];
  const said = await qemuImg(args, INFO_TIMEOUT_MS).catch((error: unknown) => {
    throw new ComputeError('invalid', `${field}: ${error instanceof Error ? error.message : String(error)}`, { field }, { cause: error });
  });
  const info = JSON.parse(said) as {
    format: string;
    'virtual-size': number;
    'backing-filename'?: string;
    'format-specific'?: { data?: object };
  };
  if (info.format !== 'qcow2' && info.format !== 'raw') {
    throw new ComputeError('invalid', `${field}: the image is ${info.format}; qcow2 and raw are taken (qemu-img convert -O qcow2)`, {
      field,
    });
  }
  if (info['virtual-size'] === 0) {
    throw new ComputeError('invalid', `${field}: the image is empty, a disk of no bytes; copy it to the host again`, { field });
  }
  if (info['backing-filename'] !== undefined || 'data-file' in (info['format-specific']?.data ?? {})) throw namesOthers(field);
  return { format: info.format, virtualSizeBytes: info['virtual-size'] };
}

/** Looks at a qcow2 header before qemu-img does, because opening such an image opens the files that it names. */
async function refuseForeignReferences(file: string, field: string): Promise<void> {
  const header = Buffer.alloc(80);
  const handle = await open(file, 'r');
  try {
    await handle.read(header, 0, header.length, 0);
  } finally {
    await handle.close();
  }
  if (header.readUInt32BE(0) !== QCOW2_MAGIC) return;
  const backingFile = header.readBigUInt64BE(8) !== 0n;
  const dataFile = header.readUInt32BE(4) >= 3 && (header.readUInt32BE(76) & EXTERNAL_DATA_FILE) !== 0;
  if (backingFile || dataFile) throw namesOthers(field);
}

const namesOthers = (field: string) =>
  new ComputeError('invalid', `${field}: the image needs another file (backing or data file); flatten it with qemu-img convert -O qcow2`, {
    field,
  });
