import { open } from 'node:fs/promises';
import { ComputeError } from '../../common/errors.js';
import type { ImageFormat } from '../../common/messages/images.js';
import type { ProgressListener } from '../ports.js';
import { percentOf, qemuImg } from '../virt/libvirt/qemu-img.js';
import { imageError, UNNAMED } from './image-error.js';

/** A disk as large as may be, on a slow one; whoever waits has a deadline of his own. */
const TIMEOUT_MS = 3600_000;
const LIMITS = { cpuSeconds: 1800, memoryBytes: 4 * 1024 ** 3 };

export interface Conversion {
  readonly from: string;
  readonly format: ImageFormat;
  readonly to: string;
  /** Largest file that may come of it. */
  readonly maxBytes: number;
  readonly virtualSizeBytes: number;
  readonly signal: AbortSignal;
  readonly onProgress: ProgressListener;
}

/** Makes a qcow2 file, on the storage, of an image of another format that has been found harmless. */
export async function convertToQcow2({ from, format, to, maxBytes, virtualSizeBytes, signal, onProgress }: Conversion): Promise<void> {
  const onOutput = percentOf((percent) =>
    onProgress({ phase: 'convert', bytes: Math.round((virtualSizeBytes * percent) / 100), totalBytes: virtualSizeBytes }),
  );
  const limits = { ...LIMITS, ...(Number.isFinite(maxBytes) && { fileBytes: maxBytes }) };
  await qemuImg(['convert', '-p', '-f', format, '-O', 'qcow2', from, to], TIMEOUT_MS, signal, { limits, onOutput }).catch(badImage);
  const handle = await open(to, 'r+');
  try {
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

/** What qemu-img cannot read is the image's fault. */
function badImage(error: unknown): never {
  if (!(error instanceof ComputeError)) throw error;
  throw imageError(error.kind === 'internal' ? 'invalid' : error.kind, UNNAMED, error.message, error);
}
