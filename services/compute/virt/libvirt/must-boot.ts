import path from 'node:path';
import { ComputeError } from '../../../common/errors.js';
import type { Changing } from './changing.js';
import { attribute, child } from './definition.js';
import { readDefined } from './domain-now.js';
import { isThere } from './instance-directory.js';
import type { OwnDomain } from './own-domain.js';

/**
 * Looks whether a guest that is to go off can come back: its own files and what they stand on. Before it goes off, for afterwards it is too late.
 * @throws precondition with what is missing; the guest is left running
 */
export async function mustBoot(changing: Changing, { domain }: OwnDomain, what: string): Promise<void> {
  const { id, tools } = changing;
  const directory = tools.directories.of(id);
  const defined = await readDefined(changing, domain);
  for (const disk of defined.devices('disk')) {
    const file = attribute(child(disk, 'source'), 'file');
    // Files of others may lie where the worker may not look.
    if (file === undefined || path.dirname(file) !== directory || (await isThere(file))) continue;
    const device = attribute(child(disk, 'target'), 'dev') ?? 'a disk';
    const wayOut = 'copy out of the guest what is needed, or put the file back, before it goes off';
    throw new ComputeError(
      'precondition',
      `${what}: the file of ${device}, ${path.basename(file)}, is gone; the guest is left as it is: ${wayOut}`,
    );
  }
  await tools.bases.check(directory, what, changing);
}
