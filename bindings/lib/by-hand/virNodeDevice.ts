import { connectionOf, handleOf, settle } from '../handle.js';
import { native } from '../native.js';
import { Child } from './child.js';
import type { virConnect } from '../../generated/classes/virConnect.js';

/** What virNodeDevice has besides the generated methods. */
export abstract class virNodeDeviceByHand extends Child {
  /** The connection that this object came from: the same object every time. */
  connect(): virConnect {
    return connectionOf(this);
  }

  /**
   * The names of its capabilities, such as "pci".
   * @throws libvirtError
   * @see virNodeDeviceListCaps, since libvirt 0.5.0
   */
  listCaps(): Promise<string[]> {
    return settle(native.virNodeDeviceListCaps(handleOf(this)));
  }

  /**
   * Whether it is started with the host, or when its parent appears.
   * @returns 1 or 0
   * @throws libvirtError
   * @see virNodeDeviceGetAutostart, since libvirt 7.8.0
   */
  autostart(): Promise<number> {
    return settle(native.virNodeDeviceGetAutostart(handleOf(this)));
  }
}
