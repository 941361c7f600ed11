import { connectionOf } from '../handle.js';
import { Child } from './child.js';
import type { virConnect } from '../../generated/classes/virConnect.js';

/** What virStorageVol has besides the generated methods. */
export abstract class virStorageVolByHand extends Child {
  /** How many bytes sendAll and recvAll handle at once, as in libvirt-python. */
  static readonly streamBufSize = 262120;

  /** The connection that this object came from: the same object every time. */
  connect(): virConnect {
    return connectionOf(this);
  }
}
