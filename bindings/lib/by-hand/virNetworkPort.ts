import { connectionOf, handleOf, parentOf, settle } from '../handle.js';
import { native } from '../native.js';
import { someParameters, type ParametersIn } from '../typed-parameters.js';
import { NETWORK_PORT_PARAMETERS } from '../../generated/typed-parameter-types.js';
import type { NetworkPortParameters } from '../../generated/typed-parameters.js';
import { Child } from './child.js';
import type { virNetwork } from '../../generated/classes/virNetwork.js';
import type { virConnect } from '../../generated/classes/virConnect.js';

/** What virNetworkPort has besides the generated methods. */
export abstract class virNetworkPortByHand extends Child {
  /** The connection that this object came from: the same object every time. */
  connect(): virConnect {
    return connectionOf(this);
  }

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

  /**
   * Its bandwidth, in KiB/s and KiB.
   * 64-bit values are rounded above 2^53; setInt64Mode('bigint') makes them exact.
   * @param flags unused so far
   * @throws libvirtError
   * @see virNetworkPortGetParameters, since libvirt 5.5.0
   */
  parameters(flags = 0): Promise<NetworkPortParameters> {
    return settle(native.virNetworkPortGetParameters(handleOf(this), flags));
  }

  /**
   * Sets some of parameters().
   * @param flags unused so far
   * @returns 0
   * @throws RangeError when `params` is empty or a value does not fit; TypeError for a value of another type; libvirtError
   * @see virNetworkPortSetParameters, since libvirt 5.5.0
   */
  async setParameters(params: ParametersIn<NetworkPortParameters>, flags = 0): Promise<number> {
    const given = someParameters('virNetworkPortSetParameters', NETWORK_PORT_PARAMETERS, params);
    return settle(native.virNetworkPortSetParameters(handleOf(this), given, flags));
  }
}
