import path from 'node:path';
import { ComputeError } from '../../../common/errors.js';
import type { Changing } from './changing.js';
import { attribute, child, type Definition } from './definition.js';
import { isThere } from './instance-directory.js';

/**
 * Looks whether a guest that is to go off can come back with a definition: its own files and what they stand on. Before it goes off, for afterwards it is too
 * late.
 * @param standIn the file that will be in the place of one by then; null: it is still to be made
 * @throws precondition with what is missing; the guest is left running
 */
export async function mustBoot(
  changing: Changing,
  definition: Definition,
  what: string,
  standIn: (file: string) => Promise<string | null> = (file) => Promise.resolve(file),
): Promise<void> {
  const { id, tools } = changing;
  const directory = tools.directories.of(id);
  const files: string[] = [];
  for (const disk of definition.devices('disk')) {
    const named = attribute(child(disk, 'source'), 'file');
    // Files of others may lie where the worker may not look.
    if (named === undefined || path.dirname(named) !== directory) continue;
    const file = await standIn(named);
    if (file === null) continue;
    files.push(file);
    if (await isThere(file)) continue;
    const device = attribute(child(disk, 'target'), 'dev') ?? 'a disk';
    const wayOut = 'copy out of the guest what is needed, or put the file back, before it goes off';
    throw new ComputeError(
      'precondition',
      `${what}: the file of ${device}, ${path.basename(file)}, is gone; the guest is left as it is: ${wayOut}`,
    );
  }
  await tools.bases.checkOf(files, what, changing);
}
