import { ComputeError } from '../../common/errors.js';
import { untilDeadline } from '../virt/libvirt/deadline.js';
import { backingFilesIn, backingFilesOf } from './backing-files.js';
import type { ImageCache } from './image-cache.js';

interface Wish {
  readonly deadline: number;
  readonly signal?: AbortSignal | undefined;
}

/** What instances stand on, looked at before a guest boots from it. */
export class InstanceBases {
  constructor(private readonly cache: ImageCache) {}

  /**
   * @param directory of the instance
   * @throws precondition when a disk stands on what is gone or was changed
   */
  async check(directory: string, what: string, wish: Wish): Promise<void> {
    await this.checkBases(await backingFilesIn(directory).catch(unreadable), what, wish);
  }

  /** The same for some disks alone. */
  async checkOf(disks: readonly string[], what: string, wish: Wish): Promise<void> {
    await this.checkBases(await backingFilesOf(disks).catch(unreadable), what, wish);
  }

  private async checkBases(bases: readonly string[], what: string, { deadline, signal: wish }: Wish): Promise<void> {
    if (bases.length === 0) return;
    const late = () => new ComputeError('timeout', `${what}: the deadline came while its disks' images were verified`);
    const { signal, end } = untilDeadline(deadline, wish, late);
    try {
      await this.cache.checkBases(bases, { signal });
    } catch (error) {
      if (!(error instanceof ComputeError)) throw error;
      throw new ComputeError(error.kind, `${what}: ${error.message}`, error.details, { cause: error.cause });
    } finally {
      end();
    }
  }
}

/** A disk of QEMU's own user may be unreadable for us: then libvirt has to find out. */
const unreadable = (): string[] => [];
