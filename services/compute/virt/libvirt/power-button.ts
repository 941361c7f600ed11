import { ComputeError } from '../../../common/errors.js';
import type { Changing } from './changing.js';
import { delay, timeLeft } from './deadline.js';
import { type Domain, VIR_DOMAIN_EVENT_STOPPED, VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN } from './libvirt-calls.js';
import { libvirtCode, VIR_ERR_INVALID_ARG, VIR_ERR_OPERATION_INVALID } from './libvirt-failure.js';
import type { Link } from './link.js';
import { type OwnDomain, readPowerStateNow } from './own-domain.js';
import { isOff } from './power-state.js';

/** A guest that is still booting does not hear the first time. */
const PRESS_AGAIN_MS = 10_000;
/** For an event that was missed. */
const POLL_MS = 1000;

/**
 * Presses the guest's power button, and again, until it is off or `graceMs` are over.
 * @returns whether it is off
 * @throws ComputeError timeout when the deadline comes before the end of the grace: nobody is switched off sooner than promised
 */
export async function askToPowerOff(changing: Changing, own: OwnDomain, graceMs: number): Promise<boolean> {
  const { id, deadline, tools } = changing;
  const what = `stop ${id}`;
  // On the clock that nobody sets: a grace of a minute is a minute.
  const end = performance.now() + graceMs;
  const leftMs = () => Math.max(0, Math.min(end - performance.now(), deadline - Date.now()));
  const stopped = tools.events.expect(id, VIR_DOMAIN_EVENT_STOPPED);
  let news = stopped.seen;
  let guest = own;
  try {
    for (let pressAt = 0; ;) {
      if (performance.now() >= pressAt) {
        const pressed = await press(tools.link, guest.domain, id, Date.now() + leftMs());
        if (!pressed) return isOff((await changing.look(what)).powerState);
        pressAt = performance.now() + PRESS_AGAIN_MS;
      }
      const heard = await Promise.race([news.then(() => true), delay(Math.min(POLL_MS, leftMs())).then(() => false)]);
      timeLeft(deadline, what);
      // Looked up anew: after a call that was given up, the connection is another one.
      guest = await changing.look(what, readPowerStateNow);
      if (isOff(guest.powerState)) return true;
      if (heard) news = new Promise(() => {}); // somebody started it again; from here on a look now and then will do
      if (performance.now() >= end) return false;
    }
  } catch (error) {
    if (!(error instanceof ComputeError) || error.kind !== 'timeout') throw error;
    const message = `${what}: the guest was asked to power off, and has not done so before the deadline`;
    throw new ComputeError('timeout', message, error.details, { cause: error });
  } finally {
    stopped.cancel();
  }
}

/** false: there is no button to press, or nobody to press it for. A guest whose QEMU does not answer only loses time. */
async function press(link: Link, domain: Domain, id: string, end: number): Promise<boolean> {
  for (const flags of [VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN, 0]) {
    try {
      await link.call('virDomainShutdownFlags', `ask ${id} to power off`, () => domain.shutdownFlags(flags), end);
      return true;
    } catch (error) {
      if (!(error instanceof ComputeError)) throw error;
      if (error.kind === 'timeout' || error.kind === 'busy') return true;
      if (libvirtCode(error) === VIR_ERR_OPERATION_INVALID) return false;
      if (libvirtCode(error) !== VIR_ERR_INVALID_ARG && error.kind !== 'unsupported') throw error;
    }
  }
  return false;
}
