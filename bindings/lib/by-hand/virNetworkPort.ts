import { handleOf, parentOf } from '../handle.js';
import { native } from '../native.js';
import { Child } from './child.js';
import type { virNetwork } from '../../generated/classes/virNetwork.js';

/** What virNetworkPort has besides the generated methods. */
export abstract class virNetworkPortByHand extends Child {
  /** The network that this port belongs to: the same object every time. */
  network(): virNetwork {
    return parentOf(this) as virNetwork;
  }

  /**
   * Its UUID as 16 bytes.
   * @throws libvirtError
   * @see virNetworkPortGetUUID
   */
  UUID(): Buffer {
    return native.virNetworkPortGetUUID(handleOf(this));
  }

  /**
   * Its UUID as 36 characters.
   * @throws libvirtError
   * @see virNetworkPortGetUUIDString
   */
  UUIDString(): string {
    return native.virNetworkPortGetUUIDString(handleOf(this));
  }
}
