import { rename, rm } from 'node:fs/promises';
import { ComputeError } from '../../../common/errors.js';
import type { DiskImage } from '../../../common/messages/images.js';
import type { InstanceSpec } from '../../../common/messages/instance-spec.js';
import type { DiskBase, DiskImages } from '../../images/disk-images.js';
import type { Passenger } from '../../images/flights.js';
import type { FreshQcow2, FreshQcow2Files } from './fresh-qcow2.js';

/** One disk as it is going to be made. */
export interface DiskPlan extends FreshQcow2 {
  /** Name in the instance's directory. */
  readonly name: string;
}

export interface DisksPlan {
  readonly disks: readonly DiskPlan[];
  /** The images that were fetched, as they were found. */
  readonly images: readonly DiskImage[];
  /** The images may go from now on, but for those that overlays name. */
  readonly release: () => void;
}

const MIB = 1024 * 1024;
/** A qcow2 header has room for so many bytes of backing file name. */
const MAX_BACKING_NAME = 1023;

export const diskName = (index: number): string => `disk-${index}.qcow2`;
/** While it is made; what stays behind under this name is rubbish. */
export const unfinishedName = (name: string): string => `${name}.part`;

/** Where each disk comes from; looks at every image, fetches what is not here, and makes nothing of the instance's. */
export async function planDisks(spec: Pick<InstanceSpec, 'disks'>, images: DiskImages, passenger: Passenger): Promise<DisksPlan> {
  const failure = new AbortController(); // the first one ends the others: nobody waits for a download that is of no use
  const signal = AbortSignal.any([passenger.signal, failure.signal]);
  const plan = async (index: number) => {
    try {
      return await planDisk(spec, index, images, { ...passenger, signal });
    } catch (error) {
      failure.abort(error);
      throw error;
    }
  };
  const planned = await Promise.allSettled((spec.disks ?? []).map((_, index) => plan(index)));
  const bases = planned.flatMap((result) => (result.status === 'fulfilled' && result.value.base ? [result.value.base] : []));
  const release = (): void => {
    for (const base of bases) base.release();
  };
  if (planned.some(({ status }) => status === 'rejected')) {
    release();
    throw failure.signal.reason;
  }
  const whole = planned.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  return {
    disks: whole.map(({ plan }) => plan),
    images: whole.flatMap(({ base }, disk) => (base?.facts ? [{ disk, ...base.facts }] : [])),
    release,
  };
}

async function planDisk(
  { disks = [] }: Pick<InstanceSpec, 'disks'>,
  index: number,
  images: DiskImages,
  passenger: Passenger,
): Promise<{ plan: DiskPlan; base?: DiskBase }> {
  const { image, imageFormat, sizeMiB } = disks[index] ?? {};
  const name = diskName(index);
  const size = sizeMiB === undefined ? {} : { sizeBytes: sizeMiB * MIB };
  if (image === undefined) return { plan: { name, ...size } };
  const field = `instance.disks[${index}].image`;
  const base = await images.use(image, imageFormat, { ...passenger, what: field });
  const { file, format, virtualSizeBytes } = base;
  try {
    refuseTooSmall(index, sizeMiB, virtualSizeBytes);
    refuseLongName(file, field);
  } catch (error) {
    base.release();
    throw error;
  }
  return { plan: { name, base: { file, format, virtualSizeBytes }, ...size }, base };
}

/** Makes one disk: under another name first, on the storage when it gets its own. Half of one does not stay, least of all on a full disk. */
export async function makeDisk(
  directory: string,
  plan: DiskPlan,
  fresh: FreshQcow2Files,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<void> {
  const file = `${directory}/${plan.name}`;
  const unfinished = unfinishedName(file);
  try {
    await fresh.make(unfinished, plan, timeoutMs, signal);
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => {});
    throw error;
  }
}

function refuseTooSmall(index: number, sizeMiB: number | undefined, imageBytes: number): void {
  if (sizeMiB === undefined || sizeMiB * MIB >= imageBytes) return;
  const field = `instance.disks[${index}].sizeMiB`;
  const least = Math.ceil(imageBytes / MIB);
  throw new ComputeError('invalid', `${field}: ${sizeMiB} MiB is smaller than the image; it needs at least ${least} MiB`, { field });
}

function refuseLongName(file: string, field: string): void {
  if (Buffer.byteLength(file) <= MAX_BACKING_NAME) return;
  throw new ComputeError('invalid', `${field}: the path is longer than ${MAX_BACKING_NAME} bytes, more than a qcow2 overlay can name`, {
    field,
  });
}
