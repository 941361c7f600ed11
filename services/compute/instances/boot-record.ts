import { readFileSync } from 'node:fs';
import { writeWhole } from '../write-whole.js';

const KERNELS_WORD = '/proc/sys/kernel/random/boot_id';

/** The kernel's id of this boot of the machine; null where there is none. */
export function currentBootId(): string | null {
  return read(KERNELS_WORD);
}

/** Remembers, in the state directory, in which boot of the host the guests were last brought up. */
export class BootRecord {
  /** The host was started anew since, and its guests are still to be brought back. */
  readonly hostBooted: boolean;

  /** @param bootId of the boot that we are in; null: nobody knows, and nothing is ever brought back for it */
  constructor(
    private readonly file: string,
    private readonly bootId: string | null,
  ) {
    const recorded = read(file);
    this.hostBooted = recorded !== null && bootId !== null && recorded !== bootId;
    if (recorded === null) this.store(); // a state directory's first worker has nothing to bring back
  }

  /** The guests are up, or given up: not again in this boot. A worker that dies before goes on where it stopped. */
  store(): void {
    if (this.bootId === null) return;
    try {
      writeWhole(this.file, `${this.bootId}\n`, 0o600);
    } catch {
      // A full disk must not keep a worker from its work: the next one looks at the guests once more, and starts nothing that runs.
    }
  }
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim() || null;
  } catch {
    return null;
  }
}
