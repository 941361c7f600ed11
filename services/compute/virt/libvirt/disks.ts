import { rename } from 'node:fs/promises';
import { ComputeError } from '../../../common/errors.js';
import type { InstanceSpec } from '../../../common/messages/instance-spec.js';
import type { ImageInfos } from './image-info.js';
import type { ImagePaths } from './image-paths.js';
import type { FreshQcow2, FreshQcow2Files } from './fresh-qcow2.js';

/** One disk as it is going to be made. */
export interface DiskPlan extends FreshQcow2 {
  /** Name in the instance's directory. */
  readonly name: string;
}

const MIB = 1024 * 1024;
/** A qcow2 header has room for so many bytes of backing file name. */
const MAX_BACKING_NAME = 1023;

export const diskName = (index: number): string => `disk-${index}.qcow2`;
/** While it is made; what stays behind under this name is rubbish. */
export const unfinishedName = (name: string): string => `${name}.part`;

/** Where each disk comes from; looks at every image and makes nothing. */
export function planDisks(spec: Pick<InstanceSpec, 'disks'>, paths: ImagePaths, infos: ImageInfos): Promise<DiskPlan[]> {
  return Promise.all(
    (spec.disks ?? []).map(async ({ image, imageFormat, sizeMiB }, index) => {
      const name = diskName(index);
      const size = sizeMiB === undefined ? {} : { sizeBytes: sizeMiB * MIB };
      if (image === undefined) return { name, ...size };
      const field = `instance.disks[${index}].image`;
      const file = await paths.resolve(image, field);
      const { format, virtualSizeBytes } = await infos.of(file, imageFormat, field);
      refuseTooSmall(index, sizeMiB, virtualSizeBytes);
      if (Buffer.byteLength(file) > MAX_BACKING_NAME) {
        throw new ComputeError(
          'invalid',
          `${field}: the path is longer than ${MAX_BACKING_NAME} bytes, more than a qcow2 overlay can name`,
          { field },
        );
      }
      return { name, base: { file, format, virtualSizeBytes }, ...size };
    }),
  );
}

/** Makes one disk: under another name first, on the storage when it gets its own. */
export async function makeDisk(
  directory: string,
  plan: DiskPlan,
  fresh: FreshQcow2Files,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<void> {
  const file = `${directory}/${plan.name}`;
  const unfinished = unfinishedName(file);
  await fresh.make(unfinished, plan, timeoutMs, signal);
  await rename(unfinished, file);
}

function refuseTooSmall(index: number, sizeMiB: number | undefined, imageBytes: number): void {
  if (sizeMiB === undefined || sizeMiB * MIB >= imageBytes) return;
  const field = `instance.disks[${index}].sizeMiB`;
  const least = Math.ceil(imageBytes / MIB);
  throw new ComputeError('invalid', `${field}: ${sizeMiB} MiB is smaller than the image; it needs at least ${least} MiB`, { field });
}
