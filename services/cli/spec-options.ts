import { InvalidArgumentError } from 'commander';
import {
  DiskBus,
  DiskCache,
  ImageFormat,
  InterfaceKind,
  InterfaceModel,
} from '../common/proto/generated/novalet/compute/v1/instance_spec_pb.js';
import { invalid } from './failure.js';
import { sizeMiB, wholeNumber } from './option-values.js';

type NumericEnum = Readonly<Record<string, string | number>>;

/** A value of an enum by its word: bus=scsi. */
function oneOf<E extends NumericEnum>(values: E): (text: string) => E[keyof E] {
  const words = Object.keys(values).filter((name) => /^[A-Z]/.test(name) && name !== 'UNSPECIFIED');
  return (text) => {
    const name = text.toUpperCase().replaceAll('-', '_');
    if (words.includes(name)) return values[name] as E[keyof E];
    throw new InvalidArgumentError(`${text} is none of ${words.map((word) => word.toLowerCase().replaceAll('_', '-')).join(', ')}.`);
  };
}

const text = (value: string): string => value;

export const DISK_FIELDS = {
  image: text,
  sha256: text,
  format: oneOf(ImageFormat),
  size: sizeMiB,
  bus: oneOf(DiskBus),
  cache: oneOf(DiskCache),
  serial: text,
  boot: wholeNumber(1, 1000),
};
export type DiskFields = { readonly [K in keyof typeof DISK_FIELDS]?: ReturnType<(typeof DISK_FIELDS)[K]> };

export const INTERFACE_FIELDS = {
  kind: oneOf(InterfaceKind),
  bridge: text,
  network: text,
  portgroup: text,
  'interface-id': text,
  device: text,
  vlan: wholeNumber(1, 4095),
  mtu: wholeNumber(68, 65535),
  mac: text,
  model: oneOf(InterfaceModel),
};
export type InterfaceFields = { readonly [K in keyof typeof INTERFACE_FIELDS]?: ReturnType<(typeof INTERFACE_FIELDS)[K]> };

export function diskOf({ image, sha256, format, size, bus, cache, serial, boot }: DiskFields) {
  if (image === undefined && size === undefined) throw invalid('a disk needs image=FILE, size=SIZE, or both');
  return {
    ...(image !== undefined && sourceOf(image, sha256, format)),
    ...(size !== undefined && { sizeMib: BigInt(size) }),
    ...(bus !== undefined && { bus }),
    ...(cache !== undefined && { cache }),
    ...(serial !== undefined && { serial }),
    ...(boot !== undefined && { bootOrder: boot }),
  };
}

export function interfaceOf({ kind, 'interface-id': interfaceId, ...more }: InterfaceFields) {
  if (kind === undefined) throw invalid('an interface needs kind=bridge, or another kind');
  return { kind, ...(interfaceId !== undefined && { interfaceId }), ...more };
}

/** A file of the host's, or an image to fetch: only that one has a scheme. */
export function sourceOf(image: string, sha256?: string, format?: ImageFormat) {
  if (/^https?:\/\//i.test(image)) {
    const value = { url: image, ...(sha256 !== undefined && { sha256 }), ...(format !== undefined && { format }) };
    return { source: { case: 'remoteImage' as const, value } };
  }
  if (sha256 !== undefined) throw invalid('sha256 is for an image to fetch', 'Leave it away, or give the URL of the image.');
  return { source: { case: 'image' as const, value: image }, ...(format !== undefined && { imageFormat: format }) };
}
