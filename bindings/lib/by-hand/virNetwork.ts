import { connectionOf, handleOf } from '../handle.js';
import { native } from '../native.js';
import { Child } from './child.js';
import type { virConnect } from '../../generated/classes/virConnect.js';

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
}
