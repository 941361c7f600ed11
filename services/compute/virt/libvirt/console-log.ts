import { open } from 'node:fs/promises';

/**
 * Makes the console log before libvirt does: it would belong to whoever runs libvirtd, and the worker could not read it. QEMU may run
 * under a user of its own; libvirt opens the file for it.
 */
export async function makeConsoleLog(file: string): Promise<void> {
  const handle = await open(file, 'a', 0o640);
  await handle.close();
}
