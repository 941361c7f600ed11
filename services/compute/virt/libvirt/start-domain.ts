import { ComputeError } from '../../../common/errors.js';
import type { StartOptions } from '../../../common/messages/instance-spec.js';
import type { PowerState } from '../../../common/messages/power-state.js';
import { delay, timeLeft } from './deadline.js';
import { CONSOLE_LOG } from './instance-directory.js';
import {
  type Domain,
  VIR_DOMAIN_START_AUTODESTROY,
  VIR_DOMAIN_START_BYPASS_CACHE,
  VIR_DOMAIN_START_FORCE_BOOT,
  VIR_DOMAIN_START_PAUSED,
} from './libvirt-calls.js';
import { libvirtCode, VIR_ERR_OPERATION_INVALID } from './libvirt-failure.js';
import type { Link } from './link.js';
import { readPowerState } from './own-domain.js';
import { isOff } from './power-state.js';

/** libvirt tells of the start before it answers, so an event that is not here by now was missed. */
const EVENT_GRACE_MS = 50;
const POLL_MS = 100;

export function startFlags(start: StartOptions): number {
  return (
    (start.paused ? VIR_DOMAIN_START_PAUSED : 0) |
    (start.autodestroy ? VIR_DOMAIN_START_AUTODESTROY : 0) |
    (start.bypassCache ? VIR_DOMAIN_START_BYPASS_CACHE : 0) |
    (start.forceBoot ? VIR_DOMAIN_START_FORCE_BOOT : 0)
  );
}

/**
 * Starts the guest, from its kept memory where there is some; fine when it runs already.
 * @param limitMs see Link.call
 */
export async function createDomain(
  link: Link,
  domain: Domain,
  id: string,
  flags: number,
  deadline: number,
  limitMs?: number,
): Promise<void> {
  try {
    await link.call('virDomainCreateWithFlags', `start ${id}`, () => domain.createWithFlags(flags), deadline, limitMs);
  } catch (error) {
    if (libvirtCode(error) !== VIR_ERR_OPERATION_INVALID || isOff(await readPowerState(link, domain, id, deadline))) throw error;
    // Already running: another look at the same race that a redelivered message makes.
  }
}

/** The event `seen` or, where it was missed, the state. */
export async function whenStarted(link: Link, domain: Domain, id: string, seen: Promise<void>, deadline: number): Promise<PowerState> {
  await Promise.race([seen, delay(EVENT_GRACE_MS)]);
  for (;;) {
    const powerState = await readPowerState(link, domain, id, deadline);
    if (!isOff(powerState) && powerState !== 'pending') return powerState;
    const heard = await Promise.race([seen.then(() => true), delay(POLL_MS).then(() => false)]);
    if (heard) {
      throw new ComputeError('internal', `start ${id}: the guest ended as soon as it had started; its console is in ${CONSOLE_LOG}`);
    }
    timeLeft(deadline, `start ${id}`);
  }
}
