import type { InstanceSpec } from '../../../../common/messages/instance-spec.js';
import { DeviceNames } from '../../../instances/device-names.js';
import { boot } from './boot-order.js';
import type { DomainPlan } from './plan.js';

type Disk = NonNullable<InstanceSpec['disks']>[number];
type Limits = NonNullable<Disk['limits']>;
export type DiskDevice = Pick<Disk, 'bus' | 'cache' | 'io' | 'discard' | 'serial' | 'bootOrder' | 'limits'>;

/** The instance's disks in their order, and the seed behind them. */
export function disks({ spec, diskFiles, seedFile }: DomainPlan) {
  const names = new DeviceNames();
  let virtioDisks = 0;
  const own = diskFiles.map((file, index) => {
    const device = spec.disks?.[index] ?? {};
    const onVirtio = (device.bus ?? 'virtio') === 'virtio';
    const iothread = spec.iothreads !== undefined && onVirtio ? (virtioDisks++ % spec.iothreads) + 1 : undefined;
    return disk(file, device, names.next(device.bus), iothread);
  });
  return seedFile === undefined ? own : [...own, seedDisk(seedFile, names)];
}

/** One qcow2 file as a disk. @param iothread the number of the thread that serves it; only on virtio */
export function disk(file: string, device: DiskDevice, targetDev: string, iothread?: number) {
  const { bus = 'virtio', cache, io, discard = 'unmap', serial, limits } = device;
  return {
    '@type': 'file',
    '@device': 'disk',
    driver: {
      '@name': 'qemu',
      '@type': 'qcow2',
      ...(cache && { '@cache': cache }),
      ...(io && { '@io': io }),
      '@discard': discard,
      ...(iothread !== undefined && { '@iothread': iothread }),
    },
    source: { '@file': file },
    target: { '@dev': targetDev, '@bus': bus },
    ...(limits && { iotune: iotune(limits) }),
    ...(serial !== undefined && { serial }),
    ...boot(device),
  };
}

/** A CD, as installers and cloud-init look for one; on the controller that machines with PC hardware have anyway. */
function seedDisk(file: string, names: DeviceNames) {
  const bus = process.arch === 'x64' ? 'sata' : 'scsi';
  return {
    '@type': 'file',
    '@device': 'cdrom',
    driver: { '@name': 'qemu', '@type': 'raw' },
    source: { '@file': file },
    target: { '@dev': names.next(bus), '@bus': bus },
    readonly: {},
  };
}

const IOTUNE: Readonly<Record<keyof Limits, string>> = {
  totalBytesPerSecond: 'total_bytes_sec',
  readBytesPerSecond: 'read_bytes_sec',
  writeBytesPerSecond: 'write_bytes_sec',
  totalOperationsPerSecond: 'total_iops_sec',
  readOperationsPerSecond: 'read_iops_sec',
  writeOperationsPerSecond: 'write_iops_sec',
  totalBytesPerSecondBurst: 'total_bytes_sec_max',
  readBytesPerSecondBurst: 'read_bytes_sec_max',
  writeBytesPerSecondBurst: 'write_bytes_sec_max',
  totalOperationsPerSecondBurst: 'total_iops_sec_max',
  readOperationsPerSecondBurst: 'read_iops_sec_max',
  writeOperationsPerSecondBurst: 'write_iops_sec_max',
  operationBytes: 'size_iops_sec',
};

function iotune(limits: Limits) {
  const given = (Object.keys(IOTUNE) as (keyof Limits)[]).filter((name) => limits[name] !== undefined);
  return Object.fromEntries(given.map((name) => [IOTUNE[name], limits[name]]));
}
