import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { ComputeError } from '../../../common/errors.js';

/**
 * The files that a user may name: those under the host's image directories, once every symbolic link is followed. What lies outside
 * is answered like what is not there, so that nobody learns what else the host has.
 */
export class ImagePaths {
  constructor(private readonly directories: readonly string[]) {}

  /**
   * The real path of an image, kernel or initrd that a user named: absolute, or relative to one of the directories.
   * @throws not-found with the field, when there is no such file under the directories; denied when it cannot be read
   */
  async resolve(named: string, field: string): Promise<string> {
    const candidates = path.isAbsolute(named) ? [named] : this.directories.map((directory) => path.join(directory, named));
    for (const candidate of candidates) {
      const file = await this.allowed(candidate);
      if (file === null) continue;
      await access(file, constants.R_OK).catch((error: unknown) => {
        throw new ComputeError(
          'denied',
          `${field}: the worker may not read ${shown(named)}; let its user read the file`,
          { field },
          { cause: error },
        );
      });
      return file;
    }
    throw new ComputeError(
      'not-found',
      `${field}: there is no file ${shown(named)} under the image directories of this host; put it there, or name one that is (NOVALET_IMAGE_DIRS)`,
      { field },
    );
  }

  private async allowed(candidate: string): Promise<string | null> {
    try {
      const file = await realpath(candidate);
      const roots = await Promise.all(this.directories.map((directory) => realpath(directory).catch(() => null)));
      const inside = roots.some((root) => root !== null && file.startsWith(root.endsWith(path.sep) ? root : root + path.sep));
      return inside && (await stat(file)).isFile() ? file : null;
    } catch {
      return null; // missing, a loop, a component that is no directory, or a NUL in the name: nothing we would open
    }
  }
}

const shown = (named: string): string => JSON.stringify(named.length > 200 ? `${named.slice(0, 200)}…` : named);
