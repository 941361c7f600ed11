import { execFile } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { promisify } from 'node:util';
import type { Libvirtd } from '../../ops/private/libvirtd.js';

/** What the figures belong to, in one line. */
export async function machine(libvirtd: Libvirtd): Promise<string> {
  const { stdout } = await promisify(execFile)('qemu-img', ['--version']);
  const qemu = /version (\S+)/.exec(stdout)?.[1] ?? '?';
  const libvirt = /Running against daemon: (\S+)/.exec(await libvirtd.virsh(['version', '--daemon']))?.[1] ?? '?';
  const gib = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} CPUs, ${gib} GiB, TCG, libvirt ${libvirt}, QEMU ${qemu}, Node ${process.versions.node}`;
}
