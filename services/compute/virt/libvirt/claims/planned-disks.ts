import type { InstanceSpec } from '../../../../common/messages/instance-spec.js';
import type { SpawnPlan } from '../../../../common/messages/spawn-plan.js';
import type { DiskPlan } from '../disks.js';
import { inMiB } from './disk-sizes.js';

type Disk = NonNullable<InstanceSpec['disks']>[number];

/** What the disks may grow to. An image that nobody has looked at yet counts with the size that its disk asks for, if any. */
export function plannedMiB({ disks = [] }: InstanceSpec, planned: readonly DiskPlan[]): number {
  const size = (index: number): number => {
    const plan = planned[index];
    const bytes = plan?.sizeBytes ?? plan?.base?.virtualSizeBytes;
    return bytes === undefined ? (disks[index]?.sizeMiB ?? 0) : inMiB(bytes);
  };
  return disks.reduce((sum, _, index) => sum + size(index), 0);
}

/** Whether the image would have to be fetched: it is named by more than a path. */
const isElsewhere = ({ image }: Disk): boolean => image !== undefined && typeof image !== 'string';

/** The spec with empty disks in place of those whose images would have to be fetched. */
export function withoutFetching(spec: InstanceSpec): InstanceSpec {
  if (!spec.disks?.some(isElsewhere)) return spec;
  return {
    ...spec,
    disks: spec.disks.map((disk) => (isElsewhere(disk) ? { ...disk, image: undefined, sizeMiB: disk.sizeMiB ?? 1 } : disk)),
  };
}

export function plannedDisk({ name, base, sizeBytes }: DiskPlan, wanted: Disk | undefined): SpawnPlan['disks'][number] {
  const isUnknown = wanted !== undefined && isElsewhere(wanted) && wanted.sizeMiB === undefined;
  const bytes = isUnknown ? undefined : (sizeBytes ?? base?.virtualSizeBytes);
  const image = base && { file: base.file, format: base.format, virtualSizeBytes: base.virtualSizeBytes };
  return { name, format: 'qcow2', ...(bytes !== undefined && { virtualSizeBytes: bytes }), ...(image && { image }) };
}
