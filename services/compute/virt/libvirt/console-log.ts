import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { ConsoleOutput } from '../../../common/messages/results.js';
import type { ConsoleReader } from '../../host-view.js';
import { openLent } from '../../private-files.js';

/**
 * Makes the console log before libvirt does: it would belong to whoever runs libvirtd, and the worker could not read it. QEMU may run
 * under a user of its own; libvirt opens the file for it.
 */
export async function makeConsoleLog(file: string): Promise<void> {
  const handle = await openLent(file, 'a');
  await handle.close();
}

/** The end of the log, at most `maxBytes` of it. A log that is not there is an empty one. */
export async function readConsoleLog(file: string, maxBytes: number): Promise<ConsoleOutput> {
  const handle = await openLog(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (handle === null) return { text: '', bytes: 0, truncated: false };
  try {
    const { size } = await handle.stat();
    const from = Math.max(0, size - maxBytes);
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(size - from), 0, size - from, from);
    const tail = buffer.subarray(from === 0 ? 0 : firstWholeCharacter(buffer), bytesRead);
    return { text: tail.toString('utf8'), bytes: tail.length, truncated: from > 0 };
  } finally {
    await handle.close();
  }
}

/**
 * The log while it is written. virtlogd puts a large one aside and begins another under its name: that one is read on, as if it were one file.
 */
export async function openConsoleLog(file: string): Promise<ConsoleReader> {
  let handle = await openLog(file);
  /** Bytes of the files before this one. */
  let before = 0;
  const isReplaced = async () => (await stat(file).catch(() => null))?.ino !== (await handle.stat()).ino;
  const read = async (position: number, maxBytes: number): Promise<Buffer> => {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(maxBytes), 0, maxBytes, position - before);
    return buffer.subarray(0, bytesRead);
  };
  return {
    size: async () => before + (await handle.stat()).size,
    read: async (position, maxBytes) => {
      const found = await read(position, maxBytes);
      if (found.length > 0 || maxBytes === 0 || !(await isReplaced())) return found;
      const next = await openLog(file).catch(() => null);
      if (!next) return found;
      await handle.close();
      handle = next;
      before = position;
      return read(position, maxBytes);
    },
    close: () => handle.close(),
  };
}

const openLog = (file: string) => open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);

/** Where the first character begins that was not cut in two: a character has at most three bytes after its first. */
function firstWholeCharacter(bytes: Buffer): number {
  let at = 0;
  while (at < 3 && ((bytes[at] ?? 0) & 0b1100_0000) === 0b1000_0000) at++;
  return at;
}
