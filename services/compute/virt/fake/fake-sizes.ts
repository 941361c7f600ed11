import { ComputeError } from '../../../common/errors.js';
import type { RebuildRequest, ResizeRequest } from '../../ports.js';
import type { FakeInstance, FakeSizes } from './fake-host.js';

/** @throws ComputeError invalid for a disk that is not there, or that would shrink */
export function resized(sizes: FakeSizes, { vcpus = sizes.vcpus, memoryMiB = sizes.memoryMiB, disks }: ResizeRequest): FakeSizes {
  for (const [index, { device, sizeMiB }] of disks.entries()) {
    const now = sizes.disksMiB[device];
    const [field, words] =
      now === undefined
        ? [`disks[${index}].device`, `the instance has no disk ${device}`]
        : [`disks[${index}].sizeMiB`, `${device} has ${now} MiB, and a disk only grows`];
    if (now === undefined || now > sizeMiB) throw new ComputeError('invalid', `${field}: ${words}`, { field });
  }
  const grown = Object.fromEntries(disks.map(({ device, sizeMiB }) => [device, sizeMiB]));
  return { vcpus, memoryMiB, disksMiB: { ...sizes.disksMiB, ...grown } };
}

/** @throws ComputeError invalid for a disk that is not there */
export function rebuiltSizes(sizes: FakeSizes, { disks }: RebuildRequest): FakeSizes {
  const anew = disks.map(({ device, sizeMiB }, index) => {
    const now = sizes.disksMiB[device];
    const field = `disks[${index}].device`;
    if (now === undefined) throw new ComputeError('invalid', `${field}: the instance has no disk ${device}`, { field });
    return [device, sizeMiB ?? now] as const;
  });
  return { ...sizes, disksMiB: { ...sizes.disksMiB, ...Object.fromEntries(anew) } };
}

export function sameSizes(one: FakeSizes, other: FakeSizes): boolean {
  const disks = ({ disksMiB }: FakeSizes) => JSON.stringify(Object.entries(disksMiB).sort());
  return one.vcpus === other.vcpus && one.memoryMiB === other.memoryMiB && disks(one) === disks(other);
}

/** It can give memory back, and disks grow as it runs; its processors are as many as it was started with, or has room for. */
export function fitsLive({ sizes, request }: FakeInstance, { vcpus = sizes.vcpus, memoryMiB = sizes.memoryMiB }: ResizeRequest): boolean {
  return (vcpus === sizes.vcpus || vcpus <= (request.spec.maxVcpus ?? 0)) && memoryMiB <= sizes.memoryMiB;
}
