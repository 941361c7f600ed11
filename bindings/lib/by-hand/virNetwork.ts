import { connectionOf, handleOf, settle, settleObject, settleObjects } from '../handle.js';
import { native } from '../native.js';
import type { DHCPLease } from '../shapes.js';
import { Child } from './child.js';
import type { virConnect } from '../../generated/classes/virConnect.js';
import type { virNetworkPort } from '../../generated/classes/virNetworkPort.js';

/** What virNetwork has besides the generated methods. */
export abstract class virNetworkByHand extends Child {
  /** The connection that this object came from: the same object every time. */
  connect(): virConnect {
    return connectionOf(this);
  }

  /**
   * Its UUID as 16 bytes.
   * @throws libvirtError
   * @see virNetworkGetUUID
   */
  UUID(): Buffer {
    return native.virNetworkGetUUID(handleOf(this));
  }

  /**
   * Its UUID as 36 characters.
   * @throws libvirtError
   * @see virNetworkGetUUIDString
   */
  UUIDString(): string {
    return native.virNetworkGetUUIDString(handleOf(this));
  }

  /**
   * Its ports.
   * @param flags unused so far
   * @throws libvirtError
   * @see virNetworkListAllPorts, since libvirt 5.5.0
   */
  listAllPorts(flags = 0): Promise<virNetworkPort[]> {
    return settleObjects('virNetworkPort', this, native.virNetworkListAllPorts(handleOf(this), flags));
  }

  /**
   * A port by its UUID.
   * @param uuid 16 bytes
   * @throws libvirtError VIR_ERR_NO_NETWORK_PORT; without `err` when there are not 16 bytes
   * @see virNetworkPortLookupByUUID, since libvirt 5.5.0
   */
  portLookupByUUID(uuid: Uint8Array | string): Promise<virNetworkPort> {
    return settleObject('virNetworkPort', this, native.virNetworkPortLookupByUUID(handleOf(this), uuid));
  }

  /**
   * The addresses that its DHCP server has given out.
   * 64-bit values are rounded above 2^53; setInt64Mode('bigint') makes them exact.
   * @param mac only those of this interface; null for all
   * @param flags unused so far
   * @throws libvirtError
   * @see virNetworkGetDHCPLeases, since libvirt 1.2.6
   */
  DHCPLeases(mac: string | null = null, flags = 0): Promise<DHCPLease[]> {
    return settle(native.virNetworkGetDHCPLeases(handleOf(this), mac, flags));
  }

  /**
   * Whether it is started with the host.
   * @returns 1 or 0
   * @throws libvirtError
   * @see virNetworkGetAutostart, since libvirt 0.2.1
   */
  autostart(): Promise<number> {
    return settle(native.virNetworkGetAutostart(handleOf(this)));
  }
}
