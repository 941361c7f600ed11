import type { InstanceDirectories } from './instance-directory.js';

/** Whether a domain that bears our marks is this worker's, by the host name in them. */
export type Owns = (id: string, madeBy: string | undefined) => Promise<boolean>;

/**
 * Two workers may share one libvirt, each with a state directory of its own: what the other has made is left alone. A host may be renamed, too, and goes
 * on with its state directory: what has a directory there is ours, whatever name it was made under.
 */
export function ownership(host: string, directories: InstanceDirectories): Owns {
  return async (id, madeBy) => madeBy === undefined || madeBy === host || directories.exists(id);
}
