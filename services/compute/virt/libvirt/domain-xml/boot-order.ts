import type { InstanceSpec } from '../../../../common/messages/instance-spec.js';

/** libvirt takes an order by device or by kind of device, never both. */
export function bootsByDevice({ disks = [], interfaces = [] }: InstanceSpec): boolean {
  return [...disks, ...interfaces].some(({ bootOrder }) => bootOrder !== undefined);
}

export const boot = ({ bootOrder }: { readonly bootOrder?: number | undefined }) =>
  bootOrder === undefined ? {} : { boot: { '@order': bootOrder } };
