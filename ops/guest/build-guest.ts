import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cpio, type CpioEntry } from './cpio.js';
import { vmlinuxOf } from './vmlinux.js';

/** Files of a tiny bootable guest, for direct kernel boot. */
export interface Guest {
  readonly directory: string;
  /** File names in the directory. */
  readonly kernel: string;
  readonly initrd: string;
}

/** What the guest says on its serial console when it is up. */
export const GUEST_UP = /GUEST-UP hostname=(?<hostname>\S+) uptime=(?<uptime>[\d.]+)s memory=(?<memory>\d+)MiB/;
/** Less does not carry kernel and initramfs with a few devices. */
export const GUEST_MEMORY_MIB = 96;
/** The second half spares an emulated processor what only real ones need. */
export const GUEST_CMDLINE = 'console=ttyS0 quiet panic=-1 mitigations=off nokaslr tsc=reliable no_timer_check';

const POWER_BUTTON = '#!/bin/sh\necho GUEST-POWERBUTTON >/dev/console\npoweroff -f\n';

/**
 * Makes the guest from what ops/guest/unpack-debian.sh left in the cache; does nothing where it is made already.
 * @param root the repository
 */
export async function buildGuest(root: string): Promise<Guest> {
  const debian = join(root, '.cache/guest/debian');
  if (!existsSync(join(debian, 'complete'))) throw new Error('the kernel for the guest is missing: run "npm run setup"');
  const directory = join(root, '.cache/guest/built');
  const init = await readFile(join(root, 'ops/guest/init.sh'));
  const guest = (kernel: string): Guest => ({ directory, kernel, initrd: 'initrd.cpio' });
  // Made from the same parts: the name of the kernel's version and the guest's own program.
  const recipe = Buffer.concat([await readFile(join(debian, 'complete')), init]);
  const made = await readFile(join(directory, 'recipe')).catch(() => undefined);
  const kernelOf = (dir: string): string => (existsSync(join(dir, 'vmlinux')) ? 'vmlinux' : 'vmlinuz');
  if (made?.equals(recipe)) return guest(kernelOf(directory));

  const unfinished = `${directory}.${process.pid}`;
  await mkdir(unfinished, { recursive: true });
  const vmlinuz = await readFile(join(debian, 'vmlinuz'));
  const vmlinux = vmlinuxOf(vmlinuz);
  await writeFile(join(unfinished, vmlinux ? 'vmlinux' : 'vmlinuz'), vmlinux ?? vmlinuz);
  await writeFile(join(unfinished, 'initrd.cpio'), await initramfs(debian, init));
  await writeFile(join(unfinished, 'recipe'), recipe);
  await rm(directory, { recursive: true, force: true });
  await rename(unfinished, directory);
  return guest(kernelOf(directory));
}

async function initramfs(debian: string, init: Buffer): Promise<Buffer> {
  const directories = ['bin', 'dev', 'etc', 'etc/acpi', 'etc/acpi/PWRF', 'modules', 'tmp'];
  const order = await readFile(join(debian, 'modules/order')).catch(() => Buffer.alloc(0)); // none: all are built into the kernel
  const modules = order.toString().split('\n').filter(Boolean);
  const entries: CpioEntry[] = [
    ...directories.map((path) => ({ path, mode: 0o755 })),
    { path: 'init', mode: 0o755, content: init },
    { path: 'bin/busybox', mode: 0o755, content: await readFile(join(debian, 'busybox')) },
    { path: 'bin/sh', mode: 0o777, target: 'busybox' },
    { path: 'etc/acpi/PWRF/00000080', mode: 0o755, content: Buffer.from(POWER_BUTTON) },
    { path: 'modules/order', mode: 0o644, content: order },
  ];
  for (const module of modules) {
    entries.push({ path: `modules/${module}`, mode: 0o644, content: await readFile(join(debian, 'modules', module)) });
  }
  return cpio(entries);
}
