import type { ConsoleOutput } from '../../../common/messages/results.js';
import type { LookRequest } from '../../ports.js';
import { readConsoleLog } from './console-log.js';
import { fromFileSystem } from './file-failure.js';
import { CONSOLE_LOG, type InstanceDirectories } from './instance-directory.js';
import type { Link } from './link.js';
import { mustBeThere } from './must-be-there.js';

export async function console(
  request: LookRequest & { readonly maxBytes: number },
  { link, directories }: { link: Link; directories: InstanceDirectories },
): Promise<ConsoleOutput> {
  const { id, maxBytes } = request;
  await mustBeThere(request, { link, directories }, `console ${id}`);
  return readConsoleLog(`${directories.of(id)}/${CONSOLE_LOG}`, maxBytes).catch(fromFileSystem(`console ${id}`));
}
