import type { PowerState } from '../../../common/messages/results.js';
import { delay, timeLeft } from './deadline.js';
import type { Connection, Domain } from './libvirt-calls.js';
import { VIR_DOMAIN_METADATA_ELEMENT, VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_STARTING_UP, VIR_DOMAIN_SHUTOFF } from './libvirt-calls.js';
import { libvirtCode, VIR_ERR_NO_DOMAIN, VIR_ERR_NO_DOMAIN_METADATA, VIR_ERR_NO_SUPPORT } from './libvirt-failure.js';
import type { Link } from './link.js';
import { type FoundMarks, METADATA_NAMESPACE, readMarks } from './metadata.js';
import { powerStateOf } from './power-state.js';

/** A start takes some hundred milliseconds. */
const STARTING_POLL_MS = 25;

/** A domain of ours as it stands. */
export interface OwnDomain {
  readonly domain: Domain;
  readonly marks: FoundMarks;
  readonly powerState: PowerState;
}

/** Who holds the id on this host. A domain without our marks is somebody else's and is never touched. */
export type Holder = OwnDomain | 'foreign' | null;

/** Looks at the domain of the id: one look-up, then marks and state, as `read` finds it, side by side. */
export async function lookUp(link: Link, id: string, deadline: number, read = readPowerState): Promise<Holder> {
  const what = `look up ${id}`;
  const lookup = (connection: Connection) => connection.lookupByUUIDString(id);
  const domain = await link.call('virDomainLookupByUUIDString', what, lookup, deadline).catch(absentOn(VIR_ERR_NO_DOMAIN));
  if (domain === null) return null;
  const element = () => domain.metadata(VIR_DOMAIN_METADATA_ELEMENT, METADATA_NAMESPACE, 0);
  const [xml, powerState] = await Promise.all([
    link.call('virDomainGetMetadata', what, element, deadline).catch(absentOn(VIR_ERR_NO_DOMAIN_METADATA, VIR_ERR_NO_DOMAIN)),
    read(link, domain, id, deadline).catch(absentOn(VIR_ERR_NO_DOMAIN)),
  ]);
  if (powerState === null) return null; // gone between two calls
  const marks = xml === null ? null : readMarks(xml);
  return marks === null ? 'foreign' : { domain, marks, powerState };
}

/** The state once a start that is under way, by an attempt that was cut off, has come to its end. */
export async function readPowerState(link: Link, domain: Domain, id: string, deadline: number): Promise<PowerState> {
  for (;;) {
    const powerState = await readPowerStateNow(link, domain, id, deadline);
    if (powerState !== 'pending') return powerState;
    await delay(Math.min(STARTING_POLL_MS, timeLeft(deadline, `start of ${id}`)));
  }
}

/** The state as it is; `pending` while a start is under way. */
export async function readPowerStateNow(link: Link, domain: Domain, id: string, deadline: number): Promise<PowerState> {
  const [state, reason] = await link.call('virDomainGetState', `state of ${id}`, () => domain.state(0), deadline);
  if (state === VIR_DOMAIN_PAUSED && reason === VIR_DOMAIN_PAUSED_STARTING_UP) return 'pending';
  if (state === VIR_DOMAIN_SHUTOFF && (await isSaved(link, domain, id, deadline))) return 'suspended';
  return powerStateOf(state);
}

/** Whether its memory lies on the disk, where its next start goes on from. */
async function isSaved(link: Link, domain: Domain, id: string, deadline: number): Promise<boolean> {
  const asked = link.call('virDomainHasManagedSaveImage', `state of ${id}`, () => domain.hasManagedSaveImage(0), deadline);
  return (await asked.catch(absentOn(VIR_ERR_NO_SUPPORT))) === 1;
}

function absentOn(...codes: number[]) {
  return (error: unknown): null => {
    if (codes.includes(libvirtCode(error) ?? -1)) return null;
    throw error;
  };
}
