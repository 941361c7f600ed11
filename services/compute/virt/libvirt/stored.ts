import { open } from 'node:fs/promises';

/** Resolves when what was written to the file is on the storage. */
export async function stored(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.datasync();
  } finally {
    await handle.close();
  }
}
