import { append, attribute, child, childrenOf, type Definition, type Element, remove, setAttribute } from './definition.js';
import { elementXml } from './domain-xml.js';
import { disk as diskElement } from './domain-xml/disks.js';

/** What says what the guest boots from. */
const BOOT = ['kernel', 'initrd', 'cmdline', 'boot'];
const BOOTABLE = ['disk', 'interface', 'hostdev', 'redirdev'];

/**
 * Has the guest boot from another disk, which takes the first one's place: its name and address. Each disk on the same bus moves on to those of the next,
 * so that a guest that counts them finds its own behind the one that it booted from.
 */
export function bootFrom(definition: Definition, file: string): void {
  const os = child(definition.root, 'os');
  for (const name of BOOT) for (const element of os ? childrenOf(os, name) : []) remove(os as Element, element);
  for (const device of BOOTABLE.flatMap((kind) => definition.devices(kind))) {
    for (const order of childrenOf(device, 'boot')) remove(device, order);
  }
  const disks = definition.devices('disk').filter((disk) => (attribute(disk, 'device') ?? 'disk') === 'disk');
  const bus = busOf(disks[0]);
  const moving = disks.filter((disk) => attribute(child(disk, 'target'), 'bus') === attribute(child(disks[0] as Element, 'target'), 'bus'));
  const places = moving.map(placeOf);
  const last: Place = { device: freeName(definition, bus), address: undefined };
  for (const [index, disk] of moving.entries()) put(disk, places[index + 1] ?? last);
  const first = places[0] ?? last;
  definition.addDevice(elementXml({ disk: diskElement(file, { bus, bootOrder: 1 }, first.device) }));
  const rescue = definition.devices('disk').at(-1);
  if (rescue) put(rescue, first);
}

/** Whether one of its disks is this file. */
export function hasDisk(definition: Definition, file: string): boolean {
  return definition.devices('disk').some((disk) => attribute(child(disk, 'source'), 'file') === file);
}

/** Takes over what was said of the instance meanwhile; everything else stays. */
export function takeMetadata(definition: Definition, from: Definition): void {
  for (const old of childrenOf(definition.root, 'metadata')) remove(definition.root, old);
  const now = child(from.root, 'metadata');
  if (now) append(definition.root, now);
}

interface Place {
  readonly device: string;
  /** Undefined: libvirt's choice. */
  readonly address: Element | undefined;
}

const busOf = (disk: Element | undefined): 'virtio' | 'scsi' | 'sata' => {
  const bus = attribute(disk && child(disk, 'target'), 'bus');
  return bus === 'scsi' || bus === 'sata' ? bus : 'virtio';
};

function placeOf(disk: Element): Place {
  return { device: attribute(child(disk, 'target'), 'dev') ?? '', address: child(disk, 'address') };
}

function put(disk: Element, { device, address }: Place): void {
  const target = child(disk, 'target');
  if (target) setAttribute(target, 'dev', device);
  for (const old of childrenOf(disk, 'address')) remove(disk, old);
  if (address) append(disk, address);
}

const LETTERS = [...'abcdefghijklmnopqrstuvwxyz'];
const SUFFIXES = [...LETTERS, ...LETTERS.flatMap((first) => LETTERS.map((second) => first + second))];

function freeName(definition: Definition, bus: string): string {
  const taken = new Set(definition.devices('disk').map((disk) => attribute(child(disk, 'target'), 'dev')));
  const names = SUFFIXES.map((suffix) => `${bus === 'virtio' ? 'vd' : 'sd'}${suffix}`);
  return names.find((name) => !taken.has(name)) ?? '';
}
