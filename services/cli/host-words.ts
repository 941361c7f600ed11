import {
  Condition_Status,
  Host_SchedulingState,
  Host_State,
  type Cordon,
  type Host,
} from '../common/proto/generated/novalet/compute/v1/host_pb.js';
import { time, word } from './instance-words.js';
import { lastPart } from './resource-names.js';
import { facts, table } from './table.js';

const MOST = 6;

/** The shortest, which are those without a version. */
function someOf(machines: readonly string[]): string {
  const shown = machines.toSorted((a, b) => a.length - b.length || a.localeCompare(b)).slice(0, MOST);
  return `${shown.join(', ')}${machines.length > MOST ? ` and ${machines.length - MOST} more` : ''}`;
}

/** Since when and what for. */
export function cordonWords({ since, reason }: Cordon): string {
  return [`since ${time(since) ?? 'now'}`, reason].filter(Boolean).join(': ');
}

/** A host for people. */
export function hostWords(host: Host): string {
  const { versions, capabilities, cordon } = host;
  const head = facts([
    ['host', lastPart(host.name)],
    ['state', word(Host_State[host.state])],
    ['new instances', word(Host_SchedulingState[host.schedulingState], 'SCHEDULING_STATE_')],
    ['cordoned', cordon && cordonWords(cordon)],
    ['instances', String(host.instanceCount)],
    ['foreign domains', String(host.foreignDomainCount)],
    ['at work', String(host.commandsInFlight)],
    ['novalet', versions?.novalet],
    ['libvirt', versions?.libvirt],
    ['hypervisor', versions?.hypervisor],
    ['kernel', versions?.kernel],
    ['guests', capabilities && [capabilities.virtType, capabilities.architecture, capabilities.cpuModel].filter(Boolean).join(', ')],
    ['machines', capabilities && someOf(capabilities.machines)],
    ['firmware', capabilities?.firmwares.join(', ')],
    ...Object.entries(capabilities?.features ?? {}),
    ['since', time(host.startTime)],
    ['etag', host.etag],
  ]);
  const number = (value: bigint | undefined): string => (value === undefined ? '-' : String(value));
  const resources = table(host.resources, [
    { header: 'RESOURCE', cell: ({ resource }) => resource },
    { header: 'TOTAL', cell: ({ total }) => number(total), right: true },
    { header: 'RESERVED', cell: ({ reserved }) => number(reserved), right: true },
    { header: 'CLAIMED', cell: ({ claimed }) => number(claimed), right: true },
    { header: 'FREE', cell: ({ free }) => number(free), right: true },
    { header: 'UNIT', cell: ({ unit }) => unit },
  ]);
  const conditions = table(host.conditions, [
    { header: 'NEEDS', cell: ({ type }) => type },
    { header: 'THERE', cell: ({ status }) => word(Condition_Status[status], 'STATUS_') },
    { header: 'WHY', cell: ({ message, reason }) => message || reason },
  ]);
  return [head, host.resources.length > 0 ? `\n${resources}` : '', host.conditions.length > 0 ? `\n${conditions}` : ''].join('');
}
