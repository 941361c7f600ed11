import type { PowerState } from '../../../common/messages/power-state.js';

/**
 * By virDomainState: nostate, running, blocked, paused, shutdown, shutoff, crashed, pmsuspended; nova's words for them, with two exceptions. A
 * guest on its way out is there until its process has gone. One that put itself to sleep is paused: its memory is where it was, and nothing runs.
 */
const BY_DOMAIN_STATE: readonly PowerState[] = ['pending', 'running', 'running', 'paused', 'running', 'shutdown', 'crashed', 'paused'];

export function powerStateOf(domainState: number | undefined): PowerState {
  return BY_DOMAIN_STATE[domainState ?? 0] ?? 'pending';
}

/** No process of the guest is there; its memory may be kept on disk. */
export const isOff = (powerState: PowerState): boolean => powerState === 'shutdown' || powerState === 'suspended';
