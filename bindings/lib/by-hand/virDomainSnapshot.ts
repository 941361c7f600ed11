import { connectionOf, parentOf } from '../handle.js';
import { Child } from './child.js';
import type { virConnect } from '../../generated/classes/virConnect.js';
import type { virDomain } from '../../generated/classes/virDomain.js';

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
}
