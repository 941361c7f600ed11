import { connectionOf, handleOf } from '../handle.js';
import { native } from '../native.js';
import { Child } from './child.js';
import type { virConnect } from '../../generated/classes/virConnect.js';

/** What virSecret has besides the generated methods. */
export abstract class virSecretByHand extends Child {
  /** The connection that this object came from: the same object every time. */
  connect(): virConnect {
    return connectionOf(this);
  }

  /**
   * Its UUID as 16 bytes.
   * @throws libvirtError
   * @see virSecretGetUUID
   */
  UUID(): Buffer {
    return native.virSecretGetUUID(handleOf(this));
  }

  /**
   * Its UUID as 36 characters.
   * @throws libvirtError
   * @see virSecretGetUUIDString
   */
  UUIDString(): string {
    return native.virSecretGetUUIDString(handleOf(this));
  }
}
