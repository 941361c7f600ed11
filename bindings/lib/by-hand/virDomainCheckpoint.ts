import { connectionOf, handleOf, parentOf, settleObjects } from '../handle.js';
import { native } from '../native.js';
import { Child } from './child.js';
import type { virConnect } from '../../generated/classes/virConnect.js';
import type { virDomain } from '../../generated/classes/virDomain.js';
import type { virDomainCheckpoint } from '../../generated/classes/virDomainCheckpoint.js';

/** What virDomainCheckpoint has besides the generated methods. */
export abstract class virDomainCheckpointByHand extends Child {
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
   * The checkpoints that were made after this one.
   * @param flags bitwise-OR of VIR_DOMAIN_CHECKPOINT_LIST_...; VIR_DOMAIN_CHECKPOINT_LIST_DESCENDANTS: theirs too
   * @throws libvirtError
   * @see virDomainCheckpointListAllChildren, since libvirt 5.6.0
   */
  listAllChildren(flags = 0): Promise<virDomainCheckpoint[]> {
    return settleObjects('virDomainCheckpoint', this.domain(), native.virDomainCheckpointListAllChildren(handleOf(this), flags));
  }
}
