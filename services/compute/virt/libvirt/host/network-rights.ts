import { ComputeError } from '../../../../common/errors.js';
import type { InterfaceSpec } from '../../../../common/messages/guest/interface.js';
import type { InstanceSpec } from '../../../../common/messages/instance-spec.js';
import { libvirtCode } from '../libvirt-failure.js';
import type { LocalHost } from './local-host.js';

/** An interface, and where it stands in the message. */
export interface NamedInterface {
  readonly nic: InterfaceSpec;
  readonly at: string;
}

/** A spawn's interfaces, each with its place in the message. */
export function namedInterfaces({ interfaces = [] }: InstanceSpec): NamedInterface[] {
  return interfaces.map((nic, index) => ({ nic, at: `instance.interfaces[${index}]` }));
}

type OfADevice = Extract<InterfaceSpec, { readonly kind: 'tap' | 'macvtap' }>;

/** libvirt runs as the worker's own user. */
export const isSession = (uri: string): boolean => /\/session$/.test(uri.replace(/\?.*$/, ''));

/**
 * Refuses a device of the host that a libvirt session of this user may not make or open. libvirt's own service mostly may; where it may not, it says so
 * itself (`withGrant`).
 * @throws denied with the field and what to grant
 */
export async function refuseNoRight(nic: OfADevice, at: string, uri: string, local: LocalHost): Promise<void> {
  if (!isSession(uri) || (await local.mayMakeNetworkDevices()) !== false) return;
  if (nic.kind === 'macvtap') throw denied(nic, at, `a libvirt session may not make a macvtap device on ${nic.device}`);
  const owner = await local.tapOwner(nic.device);
  if (!owner) return;
  const { user, group } = owner;
  if (user >= 0 && user !== process.geteuid?.()) throw denied(nic, at, `${nic.device} belongs to the user ${user}`);
  if (group >= 0 && process.getegid?.() !== group && !process.getgroups?.().includes(group))
    throw denied(nic, at, `${nic.device} belongs to the group ${group}`);
}

/** libvirt's own refusal with the field and what to grant, where it is about a device of the host; every other error as it is. */
export function withGrant(error: unknown, interfaces: readonly NamedInterface[]): unknown {
  if (!(error instanceof ComputeError) || error.kind !== 'denied' || libvirtCode(error) === undefined) return error;
  for (const { nic, at } of interfaces) {
    if ((nic.kind !== 'tap' && nic.kind !== 'macvtap') || !error.message.includes(nic.device)) continue;
    const field = `${at}.device`;
    return new ComputeError('denied', `${error.message}; ${field}: ${GRANT[nic.kind]}`, { ...error.details, field }, { cause: error });
  }
  return error;
}

const GRANT: Readonly<Record<OfADevice['kind'], string>> = {
  tap: "make it for libvirt's user (ip tuntap add dev NAME mode tap user NAME), or use a libvirt that is root's (qemu:///system)",
  macvtap:
    "libvirt needs the right CAP_NET_ADMIN: use one that is root's (qemu:///system), or name a tap device that was made for its user",
};

function denied(nic: OfADevice, at: string, words: string): ComputeError {
  const field = `${at}.device`;
  return new ComputeError('denied', `${field}: ${words}: ${GRANT[nic.kind]}`, { field });
}
