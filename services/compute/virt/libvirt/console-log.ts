import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { ConsoleOutput } from '../../../common/messages/results.js';
import type { ConsoleReader } from '../../host-view.js';

/**
 * Makes the console log before libvirt does: it would belong to whoever runs libvirtd, and the worker could not read it. QEMU may run
 * under a user of its own; libvirt opens the file for it.
 */
export async function makeConsoleLog(file: string): Promise<void> {
  const handle = await open(file, 'a', 0o640);
  await handle.close();
}

/** The end of the log, at most `maxBytes` of it. A log that is not there is an empty one. */
export async function readConsoleLog(file: string, maxBytes: number): Promise<ConsoleOutput> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    },
  );
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

/** The log while it is written. Whoever opens it holds on to this very file. */
export async function openConsoleLog(file: string): Promise<ConsoleReader> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  return {
    size: async () => (await handle.stat()).size,
    read: async (position, maxBytes) => {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(maxBytes), 0, maxBytes, position);
      return buffer.subarray(0, bytesRead);
    },
    close: () => handle.close(),
  };
}

/** Where the first character begins that was not cut in two: a character has at most three bytes after its first. */
function firstWholeCharacter(bytes: Buffer): number {
  let at = 0;
  while (at < 3 && ((bytes[at] ?? 0) & 0b1100_0000) === 0b1000_0000) at++;
  return at;
}
