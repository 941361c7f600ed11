import { ComputeError } from '../common/errors.js';

/** What an instance was made from, and the how manieth of its id it is. */
interface Wish {
  readonly specHash: string;
  readonly generation: number;
}

/** @throws ComputeError already-exists when what holds the id was made from another wish than this one */
export function refuseOtherWish(id: string, found: Wish, wanted: Wish): void {
  if (found.specHash !== wanted.specHash) {
    throw new ComputeError('already-exists', `instance ${id} exists with another spec; destroy it first, or use another id`, {
      field: 'instance',
    });
  }
  if (found.generation !== wanted.generation) {
    throw new ComputeError(
      'already-exists',
      `instance ${id} exists in generation ${found.generation}, and this spawn is of generation ${wanted.generation}; destroy it first`,
      { field: 'generation' },
    );
  }
}
