/**
 * libvirt-admin: a daemon's clients, threads and log. libvirt-python has nothing of it; names follow its rules.
 *
 * libvirt and libvirt-admin cannot both open connections in one process (their object types clash in GLib, and it would crash): whichever
 * comes second is refused. Use one of them in a child process.
 */
import { construct, settle } from './handle.js';
import { native } from './native.js';
import { virAdmConnect } from './admin/virAdmConnect.js';

export * from './admin/constants.js';
export { virAdmClient } from './admin/virAdmClient.js';
export { virAdmConnect, type AdminCloseCallback } from './admin/virAdmConnect.js';
export { virAdmServer } from './admin/virAdmServer.js';
export type { ClientInfo, ClientLimits, ThreadPoolParameters } from './admin/parameters.js';
export { libvirtError } from './libvirt-error.js';

/**
 * Opens a connection to a daemon's administration interface. The daemon takes its own user only.
 * @param name such as "libvirtd:///system"; null for the default one
 * @param flags unused so far
 * @throws libvirtError; without `err` when this process has opened a connection of '@novalet/libvirt' before
 * @see virAdmConnectOpen, since libvirt 2.0.0
 */
export async function open(name: string | null = null, flags = 0): Promise<virAdmConnect> {
  return construct(virAdmConnect, await settle(native.virAdmConnectOpen(name, flags)), null);
}

/**
 * The version of libvirt-admin, as major * 1000000 + minor * 1000 + release.
 * @throws libvirtError
 * @see virAdmGetVersion, since libvirt 2.0.0
 */
export function getVersion(): number {
  return native.virAdmGetVersion();
}

/**
 * Not needed: the first open() does it.
 * @returns 0
 * @throws libvirtError
 * @see virAdmInitialize, since libvirt 2.0.0
 */
export function virAdmInitialize(): number {
  return native.virAdmInitialize();
}
