import { ComputeError, type ErrorKind } from '../../../common/errors.js';
import { DIAGNOSTIC_PARTS, type DiagnosticPart, type Diagnostics } from '../../../common/messages/diagnostics.js';
import type { LookRequest } from '../../ports.js';
import {
  type Connection,
  type Stats,
  VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT,
  VIR_DOMAIN_STATS_BALLOON,
  VIR_DOMAIN_STATS_BLOCK,
  VIR_DOMAIN_STATS_INTERFACE,
  VIR_DOMAIN_STATS_VCPU,
} from './libvirt-calls.js';
import type { InstanceDirectories } from './instance-directory.js';
import type { Link } from './link.js';
import { mustBeThere } from './must-be-there.js';
import { isOff } from './power-state.js';
import { reportOf } from './guest-stats.js';

const KIB = 1024;
const NANOSECONDS = 1e9;
/** What libvirt knows by itself. It never waits for a guest. */
const FROM_LIBVIRT = VIR_DOMAIN_STATS_INTERFACE;
/** What only the guest's QEMU knows; one that hangs never answers. */
const FROM_QEMU = VIR_DOMAIN_STATS_BALLOON | VIR_DOMAIN_STATS_VCPU | VIR_DOMAIN_STATS_BLOCK;
/** A QEMU that is well answers in milliseconds. */
const PATIENCE_MS = 3000;
/** The part of the time left that its QEMU gets, so that there is an answer before the deadline without it. */
const SHARE = 0.7;
const NO_ANSWER: readonly ErrorKind[] = ['timeout', 'unsupported', 'busy', 'not-found'];

/** Asks libvirt first, then the guest's QEMU, and answers with what there is. */
export async function diagnostics(
  request: LookRequest,
  { look, stats, directories }: { look: Link; stats: Link; directories: InstanceDirectories },
): Promise<Diagnostics> {
  const { id, deadline } = request;
  const what = `diagnostics ${id}`;
  const { domain, powerState } = await mustBeThere(request, { link: look, directories }, what);
  const [, maxMemory, , vcpuCount, cpuTime] = await look.call('virDomainGetInfo', what, () => domain.info(), deadline);
  const report = { instanceId: id, powerState, vcpuCount: Number(vcpuCount), maximumMemoryBytes: Number(maxMemory) * KIB };
  if (isOff(powerState)) return { ...report, missing: [...DIAGNOSTIC_PARTS] };
  const askedUntil = Date.now() + Math.min(PATIENCE_MS, SHARE * (deadline - Date.now()));
  const answers = {
    ...(await ask(look, id, FROM_LIBVIRT, deadline, what)),
    ...(await ask(stats, id, FROM_QEMU, askedUntil, what)),
  };
  const parts = { cpuSeconds: Number(cpuTime) / NANOSECONDS, ...reportOf(answers) };
  return { ...report, ...parts, missing: DIAGNOSTIC_PARTS.filter((part) => parts[FIELDS[part]] === undefined) };
}

const FIELDS = { cpu: 'cpuSeconds', vcpus: 'vcpus', interfaces: 'interfaces', memory: 'memory', disks: 'disks' } as const satisfies Record<
  DiagnosticPart,
  keyof Diagnostics
>;

/** No statistics when they did not come in time, or the hypervisor has none. */
async function ask(link: Link, id: string, group: number, until: number, what: string): Promise<Stats> {
  try {
    const own = await link.call('virDomainLookupByUUIDString', what, (connection) => connection.lookupByUUIDString(id), until);
    const read = (connection: Connection) => connection.domainListGetStats([own], group, VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT);
    const records = await link.call('virDomainListGetStats', what, read, until);
    return records[0]?.[1] ?? {};
  } catch (error) {
    if (error instanceof ComputeError && NO_ANSWER.includes(error.kind)) return {};
    throw error;
  }
}
