import { handleOf, settle, settleObjects } from '../../handle.js';
import { native } from '../../native.js';
import { Child } from '../child.js';
import type { virDomainCheckpoint } from '../../../generated/classes/virDomainCheckpoint.js';
import type { virDomainSnapshot } from '../../../generated/classes/virDomainSnapshot.js';

/** What a domain has several of. */
export abstract class DomainLists extends Child {
  /**
   * Its checkpoints, or those that the flags choose.
   * @param flags bitwise-OR of VIR_DOMAIN_CHECKPOINT_LIST_...; 0 for all
   * @throws libvirtError
   * @see virDomainListAllCheckpoints, since libvirt 5.6.0
   */
  listAllCheckpoints(flags = 0): Promise<virDomainCheckpoint[]> {
    return settleObjects('virDomainCheckpoint', this, native.virDomainListAllCheckpoints(handleOf(this), flags));
  }

  /**
   * Its snapshots, or those that the flags choose.
   * @param flags bitwise-OR of VIR_DOMAIN_SNAPSHOT_LIST_...; 0 for all
   * @throws libvirtError
   * @see virDomainListAllSnapshots, since libvirt 0.9.13
   */
  listAllSnapshots(flags = 0): Promise<virDomainSnapshot[]> {
    return settleObjects('virDomainSnapshot', this, native.virDomainListAllSnapshots(handleOf(this), flags));
  }

  /**
   * The names of its snapshots. listAllSnapshots() gives the snapshots themselves, and in one call.
   * @param flags bitwise-OR of VIR_DOMAIN_SNAPSHOT_LIST_...; 0 for all
   * @throws libvirtError
   * @see virDomainSnapshotListNames, since libvirt 0.8.0
   */
  snapshotListNames(flags = 0): Promise<string[]> {
    return settle(native.virDomainSnapshotListNames(handleOf(this), flags));
  }

  /**
   * Takes the snapshot's domain back to what it was when the snapshot was taken.
   * @param snap the snapshot; its own domain is what is reverted
   * @param flags bitwise-OR of VIR_DOMAIN_SNAPSHOT_REVERT_...
   * @returns 0
   * @throws libvirtError
   * @see virDomainRevertToSnapshot, since libvirt 0.8.0
   */
  revertToSnapshot(snap: virDomainSnapshot, flags = 0): Promise<number> {
    return settle(native.virDomainRevertToSnapshot(handleOf(snap), flags));
  }

  /**
   * Messages about the domain: what is deprecated or taints it.
   * @param flags bitwise-OR of VIR_DOMAIN_MESSAGE_...; 0 for all
   * @throws libvirtError
   * @see virDomainGetMessages, since libvirt 7.1.0
   */
  messages(flags = 0): Promise<string[]> {
    return settle(native.virDomainGetMessages(handleOf(this), flags));
  }
}
