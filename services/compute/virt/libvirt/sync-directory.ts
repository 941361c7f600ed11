import { open } from 'node:fs/promises';

/** On the storage: the names in a directory, after files were made or renamed in it. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
