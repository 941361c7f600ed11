import { connectionOf } from '../handle.js';
import { Child } from './child.js';
import type { virConnect } from '../../generated/classes/virConnect.js';

/** What virNWFilterBinding has besides the generated methods. */
export abstract class virNWFilterBindingByHand extends Child {
  /** The connection that this object came from: the same object every time. */
  connect(): virConnect {
    return connectionOf(this);
  }
}
