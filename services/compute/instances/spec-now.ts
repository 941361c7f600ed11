import type { InterfaceSpec } from '../../common/messages/guest/interface.js';
import type { SeedSpec } from '../../common/messages/guest/seed.js';
import type { Command } from '../../common/messages/commands.js';
import type { DiskSpec, InstanceSpec } from '../../common/messages/instance-spec.js';
import { DeviceNames } from './device-names.js';
import { macAddress } from './mac-address.js';

/** A disk of the wish has its name by its place; one that was attached says it. */
export type DiskNow = DiskSpec & { readonly device?: string };

/**
 * What an instance has now: the wish that made it, with what commands changed since. The wish's hash stays what it was. Every change here may be made
 * twice without harm, for every command may be.
 */
export interface SpecNow extends Omit<InstanceSpec, 'disks'> {
  disks?: DiskNow[] | undefined;
}

interface NewSizes {
  readonly vcpus?: number | undefined;
  readonly memoryMiB?: number | undefined;
  readonly disks?: readonly { readonly device: string; readonly sizeMiB: number }[] | undefined;
}

interface NewDisks {
  readonly disks: readonly ({ readonly device: string } & Pick<DiskSpec, 'image' | 'imageFormat' | 'sizeMiB'>)[];
  readonly seed?: SeedSpec | undefined;
}

export function withSizes(spec: SpecNow, { vcpus, memoryMiB, disks = [] }: NewSizes): SpecNow {
  const sizes = new Map(disks.map(({ device, sizeMiB }) => [device, sizeMiB]));
  const resized = changed(spec, (disk, device) => ({ ...disk, ...(sizes.has(device) && { sizeMiB: sizes.get(device) }) }));
  return { ...resized, ...(vcpus !== undefined && { vcpus }), ...(memoryMiB !== undefined && { memoryMiB }) };
}

export function withNewDisks(spec: SpecNow, { disks, seed }: NewDisks): SpecNow {
  const wanted = new Map(disks.map(({ device, ...disk }) => [device, disk]));
  const rebuilt = changed(spec, (disk, device) => {
    const anew = wanted.get(device);
    if (!anew) return disk;
    const { image: _image, imageFormat: _imageFormat, ...kept } = disk;
    return { ...kept, ...anew, ...(anew.sizeMiB === undefined && disk.sizeMiB !== undefined && { sizeMiB: disk.sizeMiB }) };
  });
  return seed === undefined ? rebuilt : { ...rebuilt, seed };
}

export function withDisk(spec: SpecNow, device: string, disk: DiskSpec): SpecNow {
  return { ...spec, disks: [...(withoutDisk(spec, device).disks ?? []), { ...disk, device }] };
}

export function withoutDisk(spec: SpecNow, device: string): SpecNow {
  return spec.disks ? { ...spec, disks: spec.disks.filter((disk) => disk.device !== device) } : spec;
}

export function withInterface(spec: SpecNow, nic: InterfaceSpec, mac: string): SpecNow {
  return { ...spec, interfaces: [...(withoutInterface(spec, mac).interfaces ?? []), { ...nic, mac }] };
}

/** Each with its address: those that follow from the place would be others when one before them goes. */
export function withoutInterface(spec: SpecNow, mac: string): SpecNow {
  const { id, interfaces = [] } = spec;
  const named = interfaces.map((nic, index) => ({ ...nic, mac: nic.mac ?? macAddress(id, index) }));
  return { ...spec, interfaces: named.filter((nic) => nic.mac.toLowerCase() !== mac.toLowerCase()) };
}

/** As the command leaves it when it is done. */
export function specAfter(spec: SpecNow, { type, body }: Command): SpecNow {
  if (type === 'instance.resize') return withSizes(spec, body);
  if (type === 'instance.rebuild') return withNewDisks(spec, body);
  if (type === 'instance.attachInterface') return withInterface(spec, body.interface, body.interface.mac);
  if (type === 'instance.detachInterface') return withoutInterface(spec, body.interface.mac);
  if (type === 'instance.detachDisk') return withoutDisk(spec, body.disk.device);
  if (type !== 'instance.attachDisk') return spec;
  const { device, ...disk } = body.disk;
  return withDisk(spec, device, disk);
}

function changed(spec: SpecNow, change: (disk: DiskNow, device: string) => DiskNow): SpecNow {
  if (!spec.disks) return spec;
  const names = new DeviceNames();
  return { ...spec, disks: spec.disks.map((disk) => change(disk, disk.device ?? names.next(disk.bus))) };
}
