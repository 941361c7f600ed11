import { handleOf, settle } from '../handle.js';
import { native } from '../native.js';
import type { virDomain } from '../../generated/classes/virDomain.js';

/**
 * The namespaces of a container, opened.
 * @param flags unused so far
 * @returns file descriptors: the caller's to close
 * @throws libvirtError
 * @see virDomainLxcOpenNamespace, since libvirt 1.0.2
 */
export function lxcOpenNamespace(domain: virDomain, flags = 0): Promise<number[]> {
  return settle(native.virDomainLxcOpenNamespace(handleOf(domain), flags));
}
