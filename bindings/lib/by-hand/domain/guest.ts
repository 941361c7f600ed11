import { handleOf, settle } from '../../handle.js';
import type { Int64In } from '../../int64.js';
import { libvirtError } from '../../libvirt-error.js';
import { native } from '../../native.js';
import type { FSInfo, GuestTime, InterfaceAddresses } from '../../shapes.js';
import { DomainCPUs } from './cpus.js';

/** Time since 1970, for the guest's clock. */
export interface GuestTimeIn {
  readonly seconds: Int64In;
  readonly nseconds?: number;
}

/** What goes on inside the guest; most of it by its agent. */
export abstract class DomainGuest extends DomainCPUs {
  /**
   * The guest's time.
   * 64-bit values are rounded above 2^53; setInt64Mode('bigint') makes them exact.
   * @param flags unused so far
   * @throws libvirtError
   * @see virDomainGetTime, since libvirt 1.2.5
   */
  getTime(flags = 0): Promise<GuestTime> {
    return settle(native.virDomainGetTime(handleOf(this), flags));
  }

  /**
   * Sets the guest's time.
   * @param time seconds and nanoseconds since 1970; null only with flags that say where it comes from
   * @param flags VIR_DOMAIN_TIME_SYNC: from the domain's clock
   * @returns 0
   * @throws TypeError, RangeError for a time that is none; libvirtError
   * @see virDomainSetTime, since libvirt 1.2.5
   */
  async setTime(time: GuestTimeIn | null = null, flags = 0): Promise<number> {
    if (time === null && flags !== 0) return settle(native.virDomainSetTime(handleOf(this), 0, 0, flags));
    if (typeof time !== 'object' || time === null) throw new TypeError('virDomainSetTime: time must be { seconds, nseconds }');
    const { seconds, nseconds = 0 } = time;
    if (seconds === undefined) throw new RangeError('virDomainSetTime: time.seconds is missing');
    return settle(native.virDomainSetTime(handleOf(this), seconds, nseconds, flags));
  }

  /**
   * Freezes file systems in the guest, so that a snapshot of the disks is consistent.
   * @param mountpoints null for all
   * @param flags unused so far
   * @returns how many were frozen
   * @throws libvirtError
   * @see virDomainFSFreeze, since libvirt 1.2.5
   */
  fsFreeze(mountpoints: readonly string[] | null = null, flags = 0): Promise<number> {
    return settle(native.virDomainFSFreeze(handleOf(this), mountpoints, flags));
  }

  /**
   * Thaws file systems that fsFreeze() froze.
   * @param mountpoints null for all
   * @param flags unused so far
   * @returns how many were thawed
   * @throws libvirtError
   * @see virDomainFSThaw, since libvirt 1.2.5
   */
  fsThaw(mountpoints: readonly string[] | null = null, flags = 0): Promise<number> {
    return settle(native.virDomainFSThaw(handleOf(this), mountpoints, flags));
  }

  /**
   * The file systems that are mounted in the guest.
   * @param flags unused so far
   * @returns [mountpoint, name, type, targets of the domain's disks] of each
   * @throws libvirtError
   * @see virDomainGetFSInfo, since libvirt 1.2.11
   */
  fsInfo(flags = 0): Promise<FSInfo[]> {
    return settle(native.virDomainGetFSInfo(handleOf(this), flags));
  }

  /**
   * The addresses of the guest's network interfaces, by the interfaces' names.
   * @param source VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE, _AGENT or _ARP; libvirt refuses _AGENT on a connection of openReadOnly
   * @param flags unused so far
   * @throws libvirtError
   * @see virDomainInterfaceAddresses, since libvirt 1.2.14
   */
  interfaceAddresses(source: number, flags = 0): Promise<Record<string, InterfaceAddresses>> {
    return settle(native.virDomainInterfaceAddresses(handleOf(this), source, flags));
  }

  /**
   * The SSH keys that let a user of the guest in.
   * @param flags unused so far
   * @throws libvirtError
   * @see virDomainAuthorizedSSHKeysGet, since libvirt 6.10.0
   */
  authorizedSSHKeysGet(user: string, flags = 0): Promise<string[]> {
    return settle(native.virDomainAuthorizedSSHKeysGet(handleOf(this), user, flags));
  }

  /**
   * Sets, adds or removes SSH keys that let a user of the guest in.
   * @param keys null for none
   * @param flags bitwise-OR of VIR_DOMAIN_AUTHORIZED_SSH_KEYS_SET_...; 0 replaces all keys
   * @returns 0
   * @throws libvirtError
   * @see virDomainAuthorizedSSHKeysSet, since libvirt 6.10.0
   */
  authorizedSSHKeysSet(user: string, keys: readonly string[] | null = null, flags = 0): Promise<number> {
    return settle(native.virDomainAuthorizedSSHKeysSet(handleOf(this), user, keys, flags));
  }

  /**
   * Presses keys of the guest's keyboard, all at once.
   * @param codeset VIR_KEYCODE_SET_...: what the codes mean
   * @param holdtime in milliseconds
   * @param keycodes at most 16
   * @param nkeycodes their number, as in libvirt-python
   * @param flags unused so far
   * @returns 0
   * @throws libvirtError; without `err` when nkeycodes is not their number
   * @see virDomainSendKey, since libvirt 0.9.3
   */
  async sendKey(codeset: number, holdtime: number, keycodes: readonly number[], nkeycodes?: number, flags = 0): Promise<number> {
    if (Array.isArray(keycodes) && (keycodes.length !== (nkeycodes ?? keycodes.length) || keycodes.length > 16)) {
      throw new libvirtError(
        `virDomainSendKey: there must be at most 16 keycodes, and as many as nkeycodes says; there are ${keycodes.length}`,
        null,
        'virDomainSendKey',
      );
    }
    return settle(native.virDomainSendKey(handleOf(this), codeset, holdtime, keycodes, flags));
  }
}
