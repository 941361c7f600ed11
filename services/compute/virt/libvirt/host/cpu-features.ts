import { ComputeError } from '../../../../common/errors.js';
import type { InstanceSpec } from '../../../../common/messages/instance-spec.js';
import { timeLeft, within } from '../deadline.js';
import { machineOf, type VirtType } from '../domain-xml/plan.js';
import { type Connection, VIR_CPU_COMPARE_INCOMPATIBLE } from '../libvirt-calls.js';
import type { Link } from '../link.js';

type Standing = 'unknown' | 'missing' | 'there';

const WHAT = 'ask libvirt for CPU features';
const late = (): ComputeError => new ComputeError('timeout', `${WHAT}: the deadline passed before it had said so`);
/** libvirt has no number of its own for it. src/cpu/cpu_x86.c */
const UNKNOWN = /unknown CPU feature/i;

/**
 * CPU features by libvirt's names, one question each, and remembered. libvirt starts no guest that names a feature it does not know, in whatever mode; one
 * that the host does not have is its to refuse in the mode host-model alone.
 */
export class CpuFeatures {
  private readonly known = new Map<string, Promise<Standing>>();

  constructor(private readonly virtType: VirtType) {}

  forget(): void {
    this.known.clear();
  }

  /** @throws unsupported with the field */
  async refuse(spec: InstanceSpec, link: Link, deadline: number): Promise<void> {
    const { features = [], mode = this.virtType === 'kvm' ? 'host-model' : 'maximum' } = spec.cpu ?? {};
    const machine = machineOf(spec);
    const asked = features.map((feature) => this.ask(feature.slice(1), machine, link));
    if (asked.length === 0) return;
    const standings = await within(Promise.all(asked), timeLeft(deadline, WHAT), late);
    for (const [index, standing] of standings.entries()) {
      const [feature = '', field] = [features[index], `instance.cpu.features[${index}]`];
      const name = feature.slice(1);
      const words = `this host's libvirt knows no CPU feature ${name}; those of its own CPU are in virsh domcapabilities`;
      if (standing === 'unknown') throw new ComputeError('unsupported', `${field}: ${words}`, { field });
      if (standing === 'missing' && mode === 'host-model' && feature.startsWith('+'))
        throw new ComputeError('unsupported', `${field}: this host's CPU has no feature ${name} for its guests; leave it out`, { field });
    }
  }

  private ask(name: string, machine: string | undefined, link: Link): Promise<Standing> {
    const key = `${machine ?? ''} ${name}`;
    const known = this.known.get(key);
    if (known) return known;
    const xml = `<cpu mode='host-model'><feature policy='require' name='${name}'/></cpu>`; // a name of letters, digits, dot, dash
    const compare = (connection: Connection) => connection.compareHypervisorCPU(null, null, machine ?? null, this.virtType, xml, 0);
    const asked = link.call('virConnectCompareHypervisorCPU', WHAT, compare).then(standing, unknown);
    this.known.set(key, asked);
    asked.catch(() => this.known.get(key) === asked && this.known.delete(key));
    return asked;
  }
}

const standing = (result: number): Standing => (result === VIR_CPU_COMPARE_INCOMPATIBLE ? 'missing' : 'there');

/** What it cannot compare is left for it to refuse at the start. */
function unknown(error: unknown): Standing {
  if (!(error instanceof ComputeError) || error.details.libvirt === undefined || error.kind === 'unavailable') throw error;
  return UNKNOWN.test(error.message) ? 'unknown' : 'there';
}
