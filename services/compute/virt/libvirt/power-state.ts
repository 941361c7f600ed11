import type { PowerState } from '../../../common/messages/results.js';

/** By virDomainState: nostate, running, blocked, paused, shutdown, shutoff, crashed, pmsuspended; nova's words for them. */
const BY_DOMAIN_STATE: readonly PowerState[] = ['pending', 'running', 'running', 'paused', 'shutdown', 'shutdown', 'crashed', 'suspended'];

export function powerStateOf(domainState: number | undefined): PowerState {
  return BY_DOMAIN_STATE[domainState ?? 0] ?? 'pending';
}
