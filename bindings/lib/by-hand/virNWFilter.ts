import { connectionOf, handleOf } from '../handle.js';
import { native } from '../native.js';
import { Child } from './child.js';
import type { virConnect } from '../../generated/classes/virConnect.js';

/** What virNWFilter has besides the generated methods. */
export abstract class virNWFilterByHand extends Child {
  /** The connection that this object came from: the same object every time. */
  connect(): virConnect {
    return connectionOf(this);
  }

  /**
   * Its UUID as 16 bytes.
   * @throws libvirtError
   * @see virNWFilterGetUUID
   */
  UUID(): Buffer {
    return native.virNWFilterGetUUID(handleOf(this));
  }

  /**
   * Its UUID as 36 characters.
   * @throws libvirtError
   * @see virNWFilterGetUUIDString
   */
  UUIDString(): string {
    return native.virNWFilterGetUUIDString(handleOf(this));
  }
}
