import { connectionOf, handleOf, settle } from '../handle.js';
import type { Int64 } from '../int64.js';
import { native } from '../native.js';
import { Child } from './child.js';
import type { virConnect } from '../../generated/classes/virConnect.js';

/** [state (VIR_DOMAIN_...), maximum memory in KiB, memory in KiB, virtual CPUs, CPU time in nanoseconds] */
export type DomainInfo = [state: number, maxMem: Int64, memory: Int64, nrVirtCpu: number, cpuTime: Int64];

/** What virDomain has besides the generated methods. */
export abstract class virDomainByHand extends Child {
  /** The connection that this object came from: the same object every time. */
  connect(): virConnect {
    return connectionOf(this);
  }

  /**
   * The domain's state and what it uses.
   * @returns [state, maxMem in KiB, memory in KiB, nrVirtCpu, cpuTime in nanoseconds]
   * @throws libvirtError
   * @see virDomainGetInfo, since libvirt 0.0.3
   */
  info(): Promise<DomainInfo> {
    return settle(native.virDomainGetInfo(handleOf(this)));
  }

  /**
   * The domain's state, and how it came to be in it.
   * @param flags unused so far
   * @returns [state (VIR_DOMAIN_...), reason (VIR_DOMAIN_<state>_...)]
   * @throws libvirtError
   * @see virDomainGetState, since libvirt 0.9.2
   */
  state(flags = 0): Promise<[state: number, reason: number]> {
    return settle(native.virDomainGetState(handleOf(this), flags));
  }

  /**
   * Its UUID as 16 bytes.
   * @throws libvirtError
   * @see virDomainGetUUID
   */
  UUID(): Buffer {
    return native.virDomainGetUUID(handleOf(this));
  }

  /**
   * Its UUID as 36 characters.
   * @throws libvirtError
   * @see virDomainGetUUIDString
   */
  UUIDString(): string {
    return native.virDomainGetUUIDString(handleOf(this));
  }
}
