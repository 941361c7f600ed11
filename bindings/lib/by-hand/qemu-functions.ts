import { handleOf, settle } from '../handle.js';
import { native } from '../native.js';
import type { virDomain } from '../../generated/classes/virDomain.js';

/**
 * Sends a command to the monitor of the domain's QEMU, past libvirt: it may lose track of the guest.
 * @param cmd a QMP command as JSON; with VIR_DOMAIN_QEMU_MONITOR_COMMAND_HMP one for the human monitor
 * @param flags bitwise-OR of VIR_DOMAIN_QEMU_MONITOR_COMMAND_...
 * @returns the answer
 * @throws libvirtError
 * @see virDomainQemuMonitorCommand, since libvirt 0.8.3
 */
export function qemuMonitorCommand(domain: virDomain, cmd: string, flags = 0): Promise<string> {
  return settle(native.virDomainQemuMonitorCommand(handleOf(domain), cmd, flags));
}

/**
 * As qemuMonitorCommand, with open files going along.
 * @param files file descriptors; they stay the caller's to close
 * @param flags bitwise-OR of VIR_DOMAIN_QEMU_MONITOR_COMMAND_...
 * @returns [the answer, file descriptors that came with it: the caller's to close]
 * @throws libvirtError
 * @see virDomainQemuMonitorCommandWithFiles, since libvirt 8.2.0
 */
export function qemuMonitorCommandWithFiles(
  domain: virDomain,
  cmd: string,
  files: readonly number[] = [],
  flags = 0,
): Promise<[result: string, files: number[]]> {
  return settle(native.virDomainQemuMonitorCommandWithFiles(handleOf(domain), cmd, files, flags));
}

/**
 * Sends a command to the agent in the guest.
 * @param cmd a command as JSON
 * @param timeout in seconds, or VIR_DOMAIN_QEMU_AGENT_COMMAND_BLOCK, _DEFAULT or _NOWAIT
 * @param flags unused so far
 * @returns the answer
 * @throws libvirtError
 * @see virDomainQemuAgentCommand, since libvirt 0.10.0
 */
export function qemuAgentCommand(domain: virDomain, cmd: string, timeout: number, flags = 0): Promise<string> {
  return settle(native.virDomainQemuAgentCommand(handleOf(domain), cmd, timeout, flags));
}
