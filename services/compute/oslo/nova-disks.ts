import { ComputeError } from '../../common/errors.js';
import { bounded } from '../bounded.js';
import type { Json } from './envelope.js';
import { membersOf, numberOf, sizeOf, textOf } from './nova-object.js';
import type { NovaBuild } from './nova-spawn.js';

const MIB_IN_GIB = 1024;

/** Glance's names of formats, where they differ from qemu-img's. */
const FORMATS: Readonly<Record<string, string>> = { qcow2: 'qcow2', raw: 'raw', vmdk: 'vmdk', vdi: 'vdi', vhd: 'vpc', vhdx: 'vhdx' };
/** q35 has no IDE; sata is what guests without virtio's drivers find there. */
const BUSES: Readonly<Record<string, string>> = { virtio: 'virtio', scsi: 'scsi', sata: 'sata', ide: 'sata' };

/** A disk of the image, then the empty ones: ephemeral disks and swap. Images are files of the host, named by their id as Glance's file store does. */
export function disksOf({ args, instance, flavor, image, properties }: NovaBuild): object[] | undefined {
  const mappings = membersOf(args['block_device_mapping']).filter((mapping) => mapping['no_device'] !== true);
  for (const mapping of mappings) refuseVolume(mapping);
  const bus = busOf(textOf(mappings.find((mapping) => mapping['boot_index'] === 0) ?? {}, 'disk_bus') ?? textOf(properties, 'hw_disk_bus'));
  const disks = [rootOf({ instance, flavor, image }), ...(blanksOf(mappings) ?? flavorsBlanks(instance, flavor))].filter(
    (disk) => disk !== null,
  );
  return disks.length === 0 ? undefined : disks.map((disk) => ({ ...disk, bus }));
}

function refuseVolume(mapping: Json): void {
  const [source, destination] = [textOf(mapping, 'source_type'), textOf(mapping, 'destination_type')];
  if (destination !== 'volume' && source !== 'volume' && source !== 'snapshot') return;
  throw new ComputeError('unsupported', 'build_and_run_instance: volumes need Cinder, which is not spoken to', {
    field: 'block_device_mapping',
  });
}

function busOf(name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  const bus = Object.hasOwn(BUSES, name) ? BUSES[name] : undefined;
  if (bus === undefined)
    throw new ComputeError('unsupported', `build_and_run_instance: disk bus ${bounded(name, 40)}; there are virtio, scsi, sata and ide`);
  return bus === 'virtio' ? undefined : bus; // it is the default, and what goes without saying has one way to be said
}

function rootOf({ instance, flavor, image }: Pick<NovaBuild, 'instance' | 'flavor' | 'image'>): object | null {
  const file = textOf(instance, 'image_ref') ?? textOf(image, 'id');
  const gib = sizeOf(flavor, instance, 'root_gb') ?? 0;
  const sizeMiB = gib > 0 ? gib * MIB_IN_GIB : undefined;
  if (file === undefined) return sizeMiB === undefined ? null : { sizeMiB };
  const name = textOf(image, 'disk_format');
  const imageFormat = name === undefined ? undefined : Object.hasOwn(FORMATS, name) ? FORMATS[name] : null;
  if (imageFormat === null)
    throw new ComputeError('unsupported', `build_and_run_instance: an image of format ${bounded(name, 40)}`, { field: 'image' });
  return { image: file, imageFormat, sizeMiB };
}

/** Null: the mappings say nothing about empty disks, as those of old clients. */
function blanksOf(mappings: readonly Json[]): object[] | null {
  const blanks = mappings.filter((mapping) => textOf(mapping, 'source_type') === 'blank');
  if (blanks.length === 0) return null;
  return blanks.flatMap((mapping) => {
    const size = numberOf(mapping, 'volume_size') ?? 0; // GiB, but MiB for swap
    if (size === 0) return [];
    return [{ sizeMiB: textOf(mapping, 'guest_format') === 'swap' ? size : size * MIB_IN_GIB }];
  });
}

function flavorsBlanks(instance: Json, flavor: Json): object[] {
  const ephemeral = sizeOf(flavor, instance, 'ephemeral_gb') ?? 0;
  const swap = numberOf(flavor, 'swap') ?? 0;
  return [...(ephemeral > 0 ? [{ sizeMiB: ephemeral * MIB_IN_GIB }] : []), ...(swap > 0 ? [{ sizeMiB: swap }] : [])];
}
