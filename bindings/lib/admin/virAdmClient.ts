import { handleOf, parentOf, settle } from '../handle.js';
import type { Int64 } from '../int64.js';
import { native } from '../native.js';
import { Child } from '../by-hand/child.js';
import type { ClientInfo } from './parameters.js';
import type { virAdmServer } from './virAdmServer.js';

/** A client of a server of a daemon. */
export class virAdmClient extends Child {
  /** The server that it is a client of: the same object every time. */
  server(): virAdmServer {
    return parentOf(this) as virAdmServer;
  }

  /**
   * Its number.
   * @see virAdmClientGetID, since libvirt 2.0.0
   */
  ID(): Int64 {
    return native.virAdmClientGetID(handleOf(this));
  }

  /**
   * When it connected, in seconds since 1970.
   * @see virAdmClientGetTimestamp, since libvirt 2.0.0
   */
  timestamp(): Int64 {
    return native.virAdmClientGetTimestamp(handleOf(this));
  }

  /**
   * How it is connected: VIR_CLIENT_TRANS_...
   * @throws libvirtError
   * @see virAdmClientGetTransport, since libvirt 2.0.0
   */
  transport(): number {
    return native.virAdmClientGetTransport(handleOf(this));
  }

  /**
   * Who it is.
   * @param flags unused so far
   * @throws libvirtError
   * @see virAdmClientGetInfo, since libvirt 2.0.0
   */
  info(flags = 0): Promise<ClientInfo> {
    return settle(native.virAdmClientGetInfo(handleOf(this), flags));
  }

  /**
   * Has the daemon end its connection, without asking it.
   * @param flags unused so far
   * @returns 0
   * @throws libvirtError
   * @see virAdmClientClose, since libvirt 2.0.0
   */
  close(flags = 0): Promise<number> {
    return settle(native.virAdmClientClose(handleOf(this), flags));
  }
}
