import path from 'node:path';
import { ComputeError } from '../../../common/errors.js';
import { virtualSizeOf } from './claims/disk-sizes.js';
import { attribute, child, type Definition } from './definition.js';
import { qemuImg } from './qemu-img.js';

export interface WantedDisk {
  /** libvirt's name of the target: vda. */
  readonly device: string;
  readonly sizeMiB: number;
}

/** A disk that is smaller than it is to be. */
export interface DiskGrowth {
  readonly device: string;
  readonly file: string;
  readonly bytes: number;
  /** What it has. */
  readonly from: number;
}

const MIB = 1024 * 1024;

/**
 * The disks that are still to grow. Only files that we made in the instance's directory: a base image belongs to others.
 * @throws ComputeError invalid for a device that it does not have, or a size below the one that it has
 */
export async function growthsOf(definition: Definition, directory: string, wanted: readonly WantedDisk[]): Promise<DiskGrowth[]> {
  const growths: DiskGrowth[] = [];
  for (const [index, { device, sizeMiB }] of wanted.entries()) {
    const file = ownFile(definition, directory, device, `disks[${index}].device`);
    const bytes = sizeMiB * MIB;
    const now = await virtualSize(file);
    if (now > bytes) {
      const field = `disks[${index}].sizeMiB`;
      throw new ComputeError('invalid', `${field}: ${device} has ${Math.ceil(now / MIB)} MiB, and a disk only grows`, { field });
    }
    if (now < bytes) growths.push({ device, file, bytes, from: now });
  }
  return growths;
}

/** Only while nobody has the file open. */
export async function growFile({ file, bytes }: DiskGrowth, timeoutMs: number, signal?: AbortSignal): Promise<void> {
  await qemuImg(['resize', '-q', '-f', 'qcow2', file, String(bytes)], timeoutMs, signal);
}

/** The file of a disk that was made for the instance. @throws ComputeError invalid for any other */
export function ownFile(definition: Definition, directory: string, device: string, field: string): string {
  const disk = definition.devices('disk').find((found) => attribute(child(found, 'target'), 'dev') === device);
  const file = attribute(disk && child(disk, 'source'), 'file');
  const names = definition.devices('disk').flatMap((found) => attribute(child(found, 'target'), 'dev') ?? []);
  if (file === undefined) {
    const there = names.length > 0 ? `it has ${names.join(', ')}` : 'it has none';
    throw new ComputeError('invalid', `${field}: the instance has no disk ${device}; ${there}`, { field });
  }
  if (path.dirname(file) !== directory || !file.endsWith('.qcow2')) {
    throw new ComputeError('invalid', `${field}: ${device} is no disk that was made for the instance`, { field });
  }
  return file;
}

/**
 * What the guest sees of a disk that was made for it, in bytes, whoever has it open.
 * @throws ComputeError precondition when there is no such file, or none that can be read
 */
export async function virtualSize(file: string): Promise<number> {
  const bytes = await virtualSizeOf(file);
  if (bytes !== undefined) return bytes;
  throw new ComputeError('precondition', `the disk ${file} is gone, or cannot be read; put it back, or destroy the instance`);
}
