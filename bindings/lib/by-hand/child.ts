import { Handle, handleOf } from '../handle.js';
import { native } from '../native.js';

/** Any object that lives on a connection. */
export abstract class Child extends Handle {
  /** Gives the object up before the garbage collector would. Calls under way still end; later ones are refused. */
  [Symbol.dispose](): void {
    const handle = handleOf(this);
    if (handle !== null) native.releaseHandle(handle);
  }
}
