import { ComputeError } from '../../common/errors.js';
import type { FoundInstance } from '../ports.js';
import { instanceName } from './names.js';

/** @throws ComputeError not-found */
export function mustBeFound(found: FoundInstance | null, id: string): FoundInstance {
  if (found) return found;
  throw new ComputeError('not-found', `there is no ${instanceName(id)} on this host`, { field: 'name' });
}
