import type { ConsoleOutput } from '../../../common/messages/results.js';
import type { ConsoleReader } from '../../host-view.js';
import type { LookRequest } from '../../ports.js';
import { openConsoleLog, readConsoleLog } from './console-log.js';
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

export async function openConsole(
  request: LookRequest,
  { link, directories }: { link: Link; directories: InstanceDirectories },
): Promise<ConsoleReader> {
  const { id } = request;
  await mustBeThere(request, { link, directories }, `console ${id}`);
  return openConsoleLog(`${directories.of(id)}/${CONSOLE_LOG}`)
    .catch(noneYet)
    .catch(fromFileSystem(`console ${id}`));
}

/** A guest that never wrote: an empty log that stays so until somebody asks again. */
function noneYet(error: NodeJS.ErrnoException): ConsoleReader {
  if (error.code !== 'ENOENT') throw error;
  return { size: () => Promise.resolve(0), read: () => Promise.resolve(Buffer.alloc(0)), close: () => Promise.resolve() };
}
