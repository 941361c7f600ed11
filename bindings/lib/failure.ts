import type { LibvirtErrorTuple } from './libvirt-error.js';

/**
 * What the addon rejects a promise with. It is made where no JavaScript is on the stack; handle.ts turns it into a libvirtError where the
 * caller is.
 */
export class Failure {
  constructor(
    readonly function_: string,
    readonly message: string,
    readonly err: LibvirtErrorTuple | null,
  ) {}
}
