import { connectionOf, handleOf } from '../handle.js';
import { native } from '../native.js';
import { Child } from './child.js';
import type { virConnect } from '../../generated/classes/virConnect.js';

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
}
