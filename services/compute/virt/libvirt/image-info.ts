import { stat } from 'node:fs/promises';
import { ComputeError } from '../../../common/errors.js';
import { IMAGE_FORMATS, type ImageFormat } from '../../../common/messages/images.js';
import { refuseShortVdi } from '../../images/short-vdi.js';
import { imageError } from '../../images/image-error.js';
import { refuseByHeader } from '../../images/image-header.js';
import { qemuImg } from './qemu-img.js';

export interface ImageInfo {
  readonly format: ImageFormat;
  readonly virtualSizeBytes: number;
}

const INFO_TIMEOUT_MS = 10_000;
/** As nova has them (images_cpu_time_limit, images_address_space_limit), but for the time, which is ours. */
const LIMITS = { cpuSeconds: 10, memoryBytes: 2 * 1024 ** 3 };
/** Tables of the largest images are read, from a disk that others use too. */
const CHECK_TIMEOUT_MS = 120_000;
const CHECK_LIMITS = { cpuSeconds: 60, memoryBytes: 2 * 1024 ** 3 };
/** Whose tables qemu-img check compares with the file. A .vhd that was cut short it does not open, a .vdi is looked at by ourselves. */
const CHECKED: readonly ImageFormat[] = ['qcow2', 'vmdk', 'vhdx'];
/** Exit code for clusters that nothing names: they cost room and harm nobody. */
const LEAKS = 3;
/** What nova takes by default (vmdk_allowed_types): the others spread over several files. */
const VMDK_TYPES: readonly (string | undefined)[] = ['streamOptimized', 'monolithicSparse'];
const REMEMBERED = 256;

interface Said {
  readonly format: string;
  readonly 'virtual-size': number;
  readonly 'backing-filename'?: string;
  readonly encrypted?: boolean;
  readonly 'format-specific'?: { readonly data?: { readonly 'create-type'?: string; readonly extents?: readonly object[] } };
}

/** What qemu-img says of images, remembered for as long as the file stays the same. */
export class ImageInfos {
  private readonly known = new Map<string, Promise<ImageInfo>>();

  /** @param maxVirtualBytes largest disk that an image may be of */
  constructor(private readonly maxVirtualBytes = Infinity) {}

  /**
   * @param file real path of the image
   * @param wanted the format that the user gave, which must be the one that is found; absent: any
   * @throws invalid when the image is not what it is said to be, or names other files of the host
   */
  async of(file: string, wanted: ImageFormat | undefined, field: string): Promise<ImageInfo> {
    const { dev, ino, size, mtimeNs } = await stat(file, { bigint: true });
    const key = `${dev}:${ino}:${size}:${mtimeNs}`; // without its name: an image that was fetched gets another one
    const info = await this.asked(key, file, field);
    if (wanted !== undefined && wanted !== info.format) {
      throw imageError('invalid', field, `the image is ${info.format} and not ${wanted}; leave its format out, or give the right one`);
    }
    return info;
  }

  private asked(key: string, file: string, field: string): Promise<ImageInfo> {
    const known = this.known.get(key);
    if (known) return known;
    const asked = inspect(file, field, this.maxVirtualBytes);
    this.known.set(key, asked);
    asked.catch(() => this.known.delete(key));
    if (this.known.size > REMEMBERED) this.known.delete(this.known.keys().next().value as string);
    return asked;
  }
}

/** An answer that was cut short says nothing about the image: it is asked again. */
function parsed(text: string): Said {
  try {
    return JSON.parse(text) as Said;
  } catch (error) {
    throw new ComputeError('unavailable', `qemu-img info: its answer cannot be read (${text.length} characters)`, {}, { cause: error });
  }
}

async function inspect(file: string, field: string, maxVirtualBytes: number): Promise<ImageInfo> {
  await refuseByHeader(file, field);
  const asked = qemuImg(['info', '--output=json', file], INFO_TIMEOUT_MS, undefined, { limits: LIMITS });
  const said = await asked.then(parsed).catch((error: unknown) => {
    const kind = error instanceof ComputeError && error.kind === 'unavailable' ? error.kind : 'invalid';
    throw imageError(kind, field, error instanceof Error ? error.message : String(error), error);
  });
  const { format, encrypted = false, 'virtual-size': virtualSizeBytes, 'backing-filename': backing, ...rest } = said;
  const { 'create-type': createType, ...specific } = rest['format-specific']?.data ?? {};
  if (!isTaken(format)) {
    const taken = IMAGE_FORMATS.join(', ');
    throw imageError('invalid', field, `the image is ${format}; ${taken} are taken (qemu-img convert -O qcow2)`);
  }
  if (virtualSizeBytes === 0) throw imageError('invalid', field, 'the image is empty, a disk of no bytes; copy it to the host again');
  if (backing !== undefined || 'data-file' in specific) {
    throw imageError('invalid', field, 'the image needs another file (backing or data file); flatten it with qemu-img convert -O qcow2');
  }
  if (encrypted) throw imageError('invalid', field, 'the image is encrypted; decrypt it with qemu-img convert -O qcow2');
  if (format === 'vmdk' && !VMDK_TYPES.includes(createType)) {
    throw imageError(
      'invalid',
      field,
      `the image is a vmdk of the type ${createType}, which may need other files; qemu-img convert -O qcow2`,
    );
  }
  if (virtualSizeBytes > maxVirtualBytes) {
    throw imageError(
      'invalid',
      field,
      `the image is a disk of ${virtualSizeBytes} bytes, and this host takes up to ${maxVirtualBytes} (NOVALET_IMAGE_MAX_DISK_BYTES)`,
    );
  }
  if (format === 'vdi') await refuseShortVdi(file, field);
  if (CHECKED.includes(format)) await refuseBroken(file, format, field);
  return { format, virtualSizeBytes };
}

/** What lies beyond the end of a file that was cut short reads as zeros: a guest would boot from it, and lose what was there without a word. */
async function refuseBroken(file: string, format: ImageFormat, field: string): Promise<void> {
  try {
    await qemuImg(['check', '-q', '-f', format, file], CHECK_TIMEOUT_MS, undefined, { limits: CHECK_LIMITS });
  } catch (error) {
    if (error instanceof ComputeError && (error.cause as { code?: unknown } | undefined)?.code === LEAKS) return;
    if (error instanceof ComputeError && error.kind !== 'internal') throw imageError(error.kind, field, error.message, error);
    const said = (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
    throw imageError(
      'invalid',
      field,
      `the image was cut short, or is damaged (${said.slice(0, 200)}); copy it again, or mend it with qemu-img check -r all`,
      error,
    );
  }
}

function isTaken(format: string): format is ImageFormat {
  return (IMAGE_FORMATS as readonly string[]).includes(format);
}
