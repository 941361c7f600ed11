import { connectionOf, handleOf, settle, settleObjects } from '../handle.js';
import { native } from '../native.js';
import type { StoragePoolInfo } from '../shapes.js';
import { Child } from './child.js';
import type { virConnect } from '../../generated/classes/virConnect.js';
import type { virStorageVol } from '../../generated/classes/virStorageVol.js';

/** What virStoragePool has besides the generated methods. */
export abstract class virStoragePoolByHand extends Child {
  /** The connection that this object came from: the same object every time. */
  connect(): virConnect {
    return connectionOf(this);
  }

  /**
   * Its UUID as 16 bytes.
   * @throws libvirtError
   * @see virStoragePoolGetUUID
   */
  UUID(): Buffer {
    return native.virStoragePoolGetUUID(handleOf(this));
  }

  /**
   * Its UUID as 36 characters.
   * @throws libvirtError
   * @see virStoragePoolGetUUIDString
   */
  UUIDString(): string {
    return native.virStoragePoolGetUUIDString(handleOf(this));
  }

  /**
   * Its state and sizes.
   * 64-bit values are rounded above 2^53; setInt64Mode('bigint') makes them exact.
   * @returns [state (VIR_STORAGE_POOL_...), capacity, allocation, available in bytes]
   * @throws libvirtError
   * @see virStoragePoolGetInfo, since libvirt 0.4.1
   */
  info(): Promise<StoragePoolInfo> {
    return settle(native.virStoragePoolGetInfo(handleOf(this)));
  }

  /**
   * Whether it is started with the host.
   * @returns 1 or 0
   * @throws libvirtError
   * @see virStoragePoolGetAutostart, since libvirt 0.4.1
   */
  autostart(): Promise<number> {
    return settle(native.virStoragePoolGetAutostart(handleOf(this)));
  }

  /**
   * Its volumes.
   * @param flags unused so far
   * @throws libvirtError
   * @see virStoragePoolListAllVolumes, since libvirt 0.10.2
   */
  listAllVolumes(flags = 0): Promise<virStorageVol[]> {
    return settleObjects('virStorageVol', this.connect(), native.virStoragePoolListAllVolumes(handleOf(this), flags));
  }

  /**
   * The names of its volumes. listAllVolumes() gives the volumes themselves, and in one call.
   * @throws libvirtError
   * @see virStoragePoolListVolumes, since libvirt 0.4.1
   */
  listVolumes(): Promise<string[]> {
    return settle(native.virStoragePoolListVolumes(handleOf(this)));
  }
}
