import { connectionOf, handleOf, settle } from '../handle.js';
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

  /**
   * What it keeps.
   * @param flags unused so far
   * @throws libvirtError VIR_ERR_INVALID_SECRET for a private one
   * @see virSecretGetValue, since libvirt 0.7.1
   */
  value(flags = 0): Promise<Buffer> {
    return settle(native.virSecretGetValue(handleOf(this), flags));
  }

  /**
   * Sets what it keeps.
   * @param value bytes; a string as UTF-8
   * @param flags unused so far
   * @returns 0
   * @throws TypeError when it is neither; libvirtError
   * @see virSecretSetValue, since libvirt 0.7.1
   */
  setValue(value: Uint8Array | string, flags = 0): Promise<number> {
    return settle(native.virSecretSetValue(handleOf(this), value, flags));
  }
}
