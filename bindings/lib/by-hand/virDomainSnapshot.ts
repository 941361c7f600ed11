import { connectionOf, handleOf, parentOf, settle, settleObjects } from '../handle.js';
import { native } from '../native.js';
import { Child } from './child.js';
import type { virConnect } from '../../generated/classes/virConnect.js';
import type { virDomain } from '../../generated/classes/virDomain.js';
import type { virDomainSnapshot } from '../../generated/classes/virDomainSnapshot.js';

/** What virDomainSnapshot has besides the generated methods. */
export abstract class virDomainSnapshotByHand extends Child {
  /** The domain that this object belongs to: the same object every time. */
  domain(): virDomain {
    return parentOf(this) as virDomain;
  }

  /** As domain(). */
  getDomain(): virDomain {
    return this.domain();
  }

  /** The connection that the domain came from: the same object every time. */
  connect(): virConnect {
    return connectionOf(this);
  }

  /** As connect(). */
  getConnect(): virConnect {
    return connectionOf(this);
  }

  /**
   * The snapshots that were taken on top of this one.
   * @param flags bitwise-OR of VIR_DOMAIN_SNAPSHOT_LIST_...; VIR_DOMAIN_SNAPSHOT_LIST_DESCENDANTS: theirs too
   * @throws libvirtError
   * @see virDomainSnapshotListAllChildren, since libvirt 0.9.13
   */
  listAllChildren(flags = 0): Promise<virDomainSnapshot[]> {
    return settleObjects('virDomainSnapshot', this.domain(), native.virDomainSnapshotListAllChildren(handleOf(this), flags));
  }

  /**
   * Their names. listAllChildren() gives the snapshots themselves, and in one call.
   * @param flags bitwise-OR of VIR_DOMAIN_SNAPSHOT_LIST_...
   * @throws libvirtError
   * @see virDomainSnapshotListChildrenNames, since libvirt 0.9.7
   */
  listChildrenNames(flags = 0): Promise<string[]> {
    return settle(native.virDomainSnapshotListChildrenNames(handleOf(this), flags));
  }
}
