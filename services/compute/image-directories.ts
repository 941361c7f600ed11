import { realpathSync } from 'node:fs';
import path from 'node:path';
import { ComputeError } from '../common/errors.js';

/** What the state directory has that no guest may read: disks of other guests, and the worker's own. Images may have a directory beside them. */
const OWN = ['instances', 'image-cache', 'answers', 'begun'];

/**
 * Whatever lies under an image directory can be had by a spawn that names it.
 * @throws invalid when that would be the worker's database, or other guests' disks
 */
export function refuseOwnState(imageDirectories: readonly string[], stateDirectory: string): void {
  const state = real(stateDirectory);
  for (const directory of imageDirectories) {
    const images = real(directory);
    const own = OWN.map((name) => path.join(state, name)).find((place) => contains(place, images));
    if (!contains(images, state) && own === undefined) continue;
    const what = own === undefined ? `contains the state directory ${stateDirectory}` : `is the worker's own, in ${own}`;
    throw new ComputeError(
      'invalid',
      `NOVALET_IMAGE_DIRS: ${directory} ${what}: guests could read the worker's database and each other's disks; name a directory that holds images only`,
    );
  }
}

/** With every link followed as far as there is something. */
function real(place: string): string {
  try {
    return realpathSync(place);
  } catch {
    const parent = path.dirname(place);
    return parent === place ? place : path.join(real(parent), path.basename(place));
  }
}

const contains = (outer: string, inner: string): boolean =>
  inner === outer || inner.startsWith(outer.endsWith(path.sep) ? outer : outer + path.sep);
