import type { PowerState } from '../../../common/messages/power-state.js';
import { delay, timeLeft } from './deadline.js';
import {
  type Connection,
  type Domain,
  VIR_DOMAIN_METADATA_ELEMENT,
  VIR_DOMAIN_PAUSED,
  VIR_DOMAIN_PAUSED_DUMP,
  VIR_DOMAIN_PAUSED_SAVE,
  VIR_DOMAIN_PAUSED_SHUTTING_DOWN,
  VIR_DOMAIN_PAUSED_SNAPSHOT,
  VIR_DOMAIN_PAUSED_STARTING_UP,
  VIR_DOMAIN_SHUTDOWN,
  VIR_DOMAIN_SHUTOFF,
} from './libvirt-calls.js';
import { absentOn } from './absent-on.js';
import { fromFileSystem } from './file-failure.js';
import { VIR_ERR_NO_DOMAIN, VIR_ERR_NO_DOMAIN_METADATA, VIR_ERR_NO_SUPPORT } from './libvirt-failure.js';
import type { Link } from './link.js';
import { type FoundMarks, METADATA_NAMESPACE, readMarks } from './metadata.js';
import { powerStateOf } from './power-state.js';

/** A start takes some hundred milliseconds. */
const PASSING_POLL_MS = 25;

/** A domain of ours as it stands. */
export interface OwnDomain {
  readonly domain: Domain;
  readonly marks: FoundMarks;
  /** Our element as libvirt gave it. */
  readonly element: string;
  readonly powerState: PowerState;
}

/** Who holds the id on this host. A domain without our marks, or with those of another worker, is somebody else's and is never touched. */
export type Holder = OwnDomain | 'foreign' | null;

/** Looks at the domain of the id: one look-up, then marks and state, as `read` finds it, side by side. */
export async function lookUp(link: Link, id: string, deadline: number, read: ReadPowerState = readPowerState): Promise<Holder> {
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
  if (marks && !(await link.owns(id, marks.host).catch(fromFileSystem(what)))) return 'foreign';
  return xml === null || marks === null ? 'foreign' : { domain, marks, element: xml, powerState };
}

export type ReadPowerState = (link: Link, domain: Domain, id: string, deadline: number) => Promise<PowerState>;
/** virDomainState with its reason. */
type State = readonly [state: number | undefined, reason: number | undefined];

/** The state as it is; `pending` while a start is under way. */
export const readPowerStateNow = readOnce(() => true);

/** The state once a start that is under way, by an attempt that was cut off, has come to its end. */
export const readPowerState = readOnce(([state, reason]) => state !== VIR_DOMAIN_PAUSED || reason !== VIR_DOMAIN_PAUSED_STARTING_UP);

const PASSING_PAUSES: readonly (number | undefined)[] = [
  VIR_DOMAIN_PAUSED_STARTING_UP,
  VIR_DOMAIN_PAUSED_SAVE,
  VIR_DOMAIN_PAUSED_DUMP,
  VIR_DOMAIN_PAUSED_SHUTTING_DOWN,
  VIR_DOMAIN_PAUSED_SNAPSHOT,
];
/** The state once libvirt has come to the end of whatever it is at, a save or a shutdown as well. */
export const readSettledPowerState = readOnce(
  ([state, reason]) => state !== VIR_DOMAIN_SHUTDOWN && (state !== VIR_DOMAIN_PAUSED || !PASSING_PAUSES.includes(reason)),
);

/** Reads the state once it is one that stays. */
function readOnce(stays: (state: State) => boolean): ReadPowerState {
  return async (link, domain, id, deadline) => {
    for (;;) {
      const [state, reason] = await link.call('virDomainGetState', `state of ${id}`, () => domain.state(0), deadline);
      if (stays([state, reason])) {
        if (state === VIR_DOMAIN_PAUSED && reason === VIR_DOMAIN_PAUSED_STARTING_UP) return 'pending';
        if (state === VIR_DOMAIN_SHUTOFF && (await isSaved(link, domain, id, deadline))) return 'suspended';
        return powerStateOf(state);
      }
      await delay(Math.min(PASSING_POLL_MS, timeLeft(deadline, `state of ${id}`)));
    }
  };
}

/** Whether its memory lies on the disk, where its next start goes on from. */
async function isSaved(link: Link, domain: Domain, id: string, deadline: number): Promise<boolean> {
  const asked = link.call('virDomainHasManagedSaveImage', `state of ${id}`, () => domain.hasManagedSaveImage(0), deadline);
  return (await asked.catch(absentOn(VIR_ERR_NO_SUPPORT))) === 1;
}
