import { ComputeError } from '../../../common/errors.js';
import type { Changing } from './changing.js';
import { delay } from './deadline.js';
import { attribute, child, type Definition, type Element, elementText } from './definition.js';
import { define, readDefined, readLive } from './domain-now.js';
import { VIR_DOMAIN_AFFECT_LIVE } from './libvirt-calls.js';
import { libvirtCode, VIR_ERR_DEVICE_MISSING, VIR_ERR_OPERATION_FAILED, VIR_ERR_OPERATION_INVALID } from './libvirt-failure.js';
import { removalOf } from './lifecycle-events.js';
import type { OwnDomain } from './own-domain.js';
import { isOff } from './power-state.js';

/** One device of a guest. */
export interface Device {
  /** For messages: disk vdb. */
  readonly name: string;
  readonly find: (definition: Definition) => Element | undefined;
}

/** A guest that was busy with something else may hear the next time. */
const ASK_AGAIN_MS = 5000;
/** For an event that was missed. */
const POLL_MS = 500;

/**
 * Into the guest that runs first, because it may refuse, then into the definition. What is there already stays.
 * @param refuse asked before anything is done
 */
export async function plug(
  changing: Changing,
  { domain, powerState }: OwnDomain,
  { name, find }: Device,
  xml: string,
  refuse: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const { id, deadline, tools } = changing;
  const isNew = !isOff(powerState) && !find(await readLive(changing, domain));
  if (isNew) {
    await refuse();
    const attach = () => domain.attachDeviceFlags(xml, VIR_DOMAIN_AFFECT_LIVE);
    const what = `attach ${name} to ${id}`;
    await changing.step('attach', () => tools.link.call('virDomainAttachDeviceFlags', what, attach, deadline).catch(withoutPort(what)));
  }
  const defined = await readDefined(changing, domain);
  if (find(defined)) return;
  if (!isNew) await refuse();
  defined.addDevice(xml);
  await changing.step('redefine', () => define(changing, defined.toString()));
}

/** libvirt has no number of its own for a guest whose slots are all taken. src/conf/domain_addr.c virDomainPCIAddressGetNextAddr */
const NO_SLOT = /No more available PCI slots/;

const withoutPort =
  (what: string) =>
  (error: unknown): never => {
    if (!(error instanceof ComputeError) || libvirtCode(error) === undefined || !NO_SLOT.test(error.message)) throw error;
    throw new ComputeError(
      'exhausted',
      `${what}: every PCIe port of the guest that runs is taken; detach something, or stop the instance, attach, and start it: ` +
        `devices.pciePorts of its spawn says how many ports are free at first`,
      error.details,
      { cause: error },
    );
  };

/** Whether its definition has it, which hears of it last. */
export async function isPlugged(changing: Changing, { domain }: OwnDomain, { find }: Device): Promise<boolean> {
  return find(await readDefined(changing, domain)) !== undefined;
}

/** Whether neither the guest that runs nor its definition has it. */
export async function isUnplugged(changing: Changing, own: OwnDomain, device: Device): Promise<boolean> {
  if (!isOff(own.powerState) && device.find(await readLive(changing, own.domain))) return false;
  return !(await isPlugged(changing, own, device));
}

/** Out of the guest that runs first: what it does not let go of is still there after its next start. */
export async function unplug(changing: Changing, own: OwnDomain, device: Device, graceMs: number): Promise<void> {
  if (!isOff(own.powerState) && device.find(await readLive(changing, own.domain))) {
    await changing.step('detach', () => letGo(changing, device, Date.now() + graceMs));
  }
  const { domain } = await changing.look(`detach ${device.name} from ${changing.id}`);
  const defined = await readDefined(changing, domain);
  const element = device.find(defined);
  if (!element) return;
  defined.removeDevice(element);
  await changing.step('redefine', () => define(changing, defined.toString()));
}

/** libvirt asks, the guest lets go when it has nothing under way with the device; a guest that is not up yet does not hear. */
async function letGo(changing: Changing, device: Device, end: number): Promise<void> {
  const { id, tools } = changing;
  const what = `detach ${device.name} from ${id}`;
  for (let askAt = 0; ;) {
    const { domain, powerState } = await changing.look(what);
    const element = isOff(powerState) ? undefined : device.find(await readLive(changing, domain));
    if (!element) return;
    const removed = tools.events.expect(id, removalOf(attribute(child(element, 'alias'), 'name') ?? ''));
    try {
      if (Date.now() >= askAt) {
        await ask(changing, what, () => domain.detachDeviceFlags(elementText(element), VIR_DOMAIN_AFFECT_LIVE));
        askAt = Date.now() + ASK_AGAIN_MS;
      }
      if (Date.now() >= end) throw stillThere(what);
      await Promise.race([removed.seen, delay(Math.min(POLL_MS, end - Date.now()))]);
    } finally {
      removed.cancel();
    }
  }
}

/** Asked already, gone already, or off by now: the look that follows says which. */
async function ask({ tools, deadline }: Changing, what: string, detach: () => Promise<number>): Promise<void> {
  try {
    await tools.link.call('virDomainDetachDeviceFlags', what, detach, deadline);
  } catch (error) {
    const code = libvirtCode(error);
    const passing = [VIR_ERR_OPERATION_FAILED, VIR_ERR_OPERATION_INVALID, VIR_ERR_DEVICE_MISSING];
    if (code === undefined || !passing.includes(code)) throw error;
  }
}

const stillThere = (what: string): ComputeError =>
  new ComputeError(
    'timeout',
    `${what}: the guest was asked and has not let go of it; have the guest stop using it (unmount, take down) and send this again, or stop the instance first`,
  );
