import { accessSync, constants } from 'node:fs';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { GUEST_CMDLINE, GUEST_MEMORY_MIB, GUEST_UP, type Guest } from '../guest/build-guest.js';

export interface Accelerator {
  /** The value of NOVALET_VIRT_TYPE. */
  readonly virtType: 'kvm' | 'qemu';
  readonly why: string;
}

/** A guest that really runs under KVM is up in under a second. */
const PROBE_MS = 5000;

/**
 * KVM where a guest gets through its boot with it, emulation otherwise. On some nested hosts /dev/kvm opens, and the guest never gets past
 * its firmware: only a guest that speaks is proof.
 */
export async function chooseAccelerator(guest: Guest): Promise<Accelerator> {
  if (process.getuid?.() === 0)
    return { virtType: 'qemu', why: 'emulation (TCG): the guest runs as an ordinary user, who has no part in /dev/kvm' };
  try {
    accessSync('/dev/kvm', constants.R_OK | constants.W_OK);
  } catch {
    return { virtType: 'qemu', why: 'emulation (TCG): this user may not open /dev/kvm, or it is not there' };
  }
  return (await speaksUnderKvm(guest))
    ? { virtType: 'kvm', why: 'KVM: a probe guest came up with it' }
    : { virtType: 'qemu', why: `emulation (TCG): /dev/kvm opens, but no guest came up with it within ${PROBE_MS / 1000} s` };
}

async function speaksUnderKvm({ directory, kernel, initrd }: Guest): Promise<boolean> {
  const probe = spawn('qemu-system-x86_64', [
    ...['-accel', 'kvm', '-cpu', 'host', '-machine', 'q35', '-m', String(GUEST_MEMORY_MIB), '-nodefaults', '-no-user-config'],
    ...['-display', 'none', '-serial', 'stdio', '-kernel', join(directory, kernel), '-initrd', join(directory, initrd)],
    ...['-append', GUEST_CMDLINE],
  ]);
  const timer = setTimeout(() => probe.kill('SIGKILL'), PROBE_MS);
  let said = '';
  let spoke = false;
  probe.stdout.on('data', (more: Buffer) => {
    said += more.toString();
    if (!GUEST_UP.test(said)) return;
    spoke = true;
    probe.kill('SIGKILL');
  });
  await Promise.race([once(probe, 'close'), once(probe, 'error')]).catch(() => undefined);
  clearTimeout(timer);
  return spoke;
}
