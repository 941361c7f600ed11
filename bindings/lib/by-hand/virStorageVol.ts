import { connectionOf, handleOf, settle } from '../handle.js';
import { native } from '../native.js';
import type { StorageVolInfo } from '../shapes.js';
import { Child } from './child.js';
import type { virConnect } from '../../generated/classes/virConnect.js';

/** What virStorageVol has besides the generated methods. */
export abstract class virStorageVolByHand extends Child {
  /** How many bytes sendAll and recvAll handle at once, as in libvirt-python. */
  static readonly streamBufSize = 262120;

  /** As the class's, for libvirt-python has it on its objects, too. */
  get streamBufSize(): number {
    return virStorageVolByHand.streamBufSize;
  }

  /** The connection that this object came from: the same object every time. */
  connect(): virConnect {
    return connectionOf(this);
  }

  /**
   * Its kind and sizes.
   * 64-bit values are rounded above 2^53; setInt64Mode('bigint') makes them exact.
   * @returns [type (VIR_STORAGE_VOL_...), capacity, allocation in bytes]
   * @throws libvirtError
   * @see virStorageVolGetInfo, since libvirt 0.4.1
   */
  info(): Promise<StorageVolInfo> {
    return settle(native.virStorageVolGetInfo(handleOf(this)));
  }

  /**
   * Its kind and sizes.
   * 64-bit values are rounded above 2^53; setInt64Mode('bigint') makes them exact.
   * @param flags VIR_STORAGE_VOL_GET_PHYSICAL: what it takes on the host in place of the allocation
   * @returns [type (VIR_STORAGE_VOL_...), capacity, allocation in bytes]
   * @throws libvirtError
   * @see virStorageVolGetInfoFlags, since libvirt 3.0.0
   */
  infoFlags(flags = 0): Promise<StorageVolInfo> {
    return settle(native.virStorageVolGetInfoFlags(handleOf(this), flags));
  }
}
