import { type DomainPlan, machineOf, type VirtType } from '../domain-xml/plan.js';
import type { Connection } from '../libvirt-calls.js';
import { timeLeft, within } from '../deadline.js';
import { libvirtCode, VIR_ERR_INVALID_ARG, VIR_ERR_NO_SUPPORT } from '../libvirt-failure.js';
import type { Link } from '../link.js';
import { ComputeError } from '../../../../common/errors.js';
import type { InterfaceSpec } from '../../../../common/messages/guest/interface.js';
import type { InstanceSpec } from '../../../../common/messages/instance-spec.js';
import { type DomainCapabilities, parseDomainCapabilities } from './domain-capabilities.js';
import { hostCpus } from './host-cpus.js';
import { LocalHost } from './local-host.js';
import { hypervisorNeeds, interfaceNeeds, refuseMissing } from './hypervisor-needs.js';
import { CpuFeatures } from './cpu-features.js';
import { refuseHostLacks, refuseInterface } from './host-needs.js';
import { refuseMissingNetworks } from './network-needs.js';
import { namedInterfaces } from './network-rights.js';

/** What the hypervisor offers to one kind of guest. */
export interface Offer {
  /** Null: the hypervisor does not say. */
  readonly domain: DomainCapabilities | null;
  readonly cpus: readonly number[] | null;
}

const WHAT = 'ask libvirt what it has';
const late = (): ComputeError => new ComputeError('timeout', `${WHAT}: the deadline passed before it had said so`);

/** What the host can do, read once for every kind of guest and again after a reconnect; asked before anything is tried. */
export class HostOffers {
  private readonly known = new Map<string, Promise<Offer>>();
  private readonly features: CpuFeatures;

  constructor(
    private readonly virtType: VirtType,
    private readonly uri: string,
    private readonly local = new LocalHost(),
  ) {
    this.features = new CpuFeatures(virtType);
  }

  /** libvirt may have been updated, and the host as well. */
  forget(): void {
    this.known.clear();
    this.features.forget();
  }

  /** Reads what most spawns are going to ask for; nobody waits for it. */
  async warmUp(link: Link): Promise<void> {
    if (this.virtType !== 'test') await this.of(link, machineOf({}), Infinity);
  }

  /** What it offers to guests of its own machine; null where nobody says. */
  async toMost(link: Link): Promise<Offer['domain']> {
    return this.virtType === 'test' ? null : (await this.of(link, machineOf({}), Infinity)).domain;
  }

  /**
   * Refuses what this host cannot give to the guest, and gives what its domain depends on. A plain spec asks nothing of the hypervisor.
   * @throws unsupported or precondition with the field, what was asked, and what there is
   */
  async fit(spec: InstanceSpec, link: Link, deadline: number): Promise<Pick<DomainPlan, 'hyperv'>> {
    if (this.virtType === 'test') return {}; // it runs nothing, so it can do everything
    const needs = hypervisorNeeds(spec);
    const windowsOnKvm = spec.osType === 'windows' && this.virtType === 'kvm';
    const offer = needs.length > 0 || windowsOnKvm ? await this.of(link, machineOf(spec), deadline) : undefined;
    if (offer) refuseMissing(needs, offer, `${this.virtType} guests of machine ${machineOf(spec) ?? 'default'}`);
    await this.features.refuse(spec, link, deadline);
    await refuseHostLacks(spec, this.uri, this.local);
    await refuseMissingNetworks(namedInterfaces(spec), link, deadline);
    return windowsOnKvm && offer?.domain?.hyperv ? { hyperv: new Set(offer.domain.hyperv) } : {};
  }

  /** The same for an interface that a guest is to have besides. @param at where it stands in the message */
  async fitInterface(nic: InterfaceSpec, at: string, link: Link, deadline: number): Promise<void> {
    if (this.virtType === 'test') return;
    const needs = interfaceNeeds(nic, at);
    if (needs.length > 0) refuseMissing(needs, await this.of(link, machineOf({}), deadline), `${this.virtType} guests`);
    await refuseInterface(nic, at, this.uri, this.local);
    await refuseMissingNetworks([{ nic, at }], link, deadline);
  }

  /** Asked once for all who come: each waits no longer than its own deadline. */
  private of(link: Link, machine: string | undefined, deadline: number): Promise<Offer> {
    const kind = machine ?? '';
    const known = this.known.get(kind);
    const asked = known ?? this.ask(link, machine);
    if (!known) {
      this.known.set(kind, asked);
      asked.catch(() => this.known.get(kind) === asked && this.known.delete(kind));
    }
    return within(asked, timeLeft(deadline, WHAT), late);
  }

  private async ask(link: Link, machine: string | undefined): Promise<Offer> {
    const capabilities = (connection: Connection) => connection.getCapabilities();
    const domain = (connection: Connection) => connection.getDomainCapabilities(null, null, machine ?? null, this.virtType, 0);
    const [host, guest] = await Promise.all([
      link.call('virConnectGetCapabilities', WHAT, capabilities),
      link.call('virConnectGetDomainCapabilities', WHAT, domain).catch((error: unknown) => unknownOrRefused(error, machine)),
    ]);
    return { domain: guest === null ? null : parseDomainCapabilities(guest), cpus: hostCpus(host) };
  }
}

function unknownOrRefused(error: unknown, machine: string | undefined): null {
  if (libvirtCode(error) === VIR_ERR_NO_SUPPORT) return null;
  if (libvirtCode(error) !== VIR_ERR_INVALID_ARG) throw error;
  const field = 'instance.machine';
  throw new ComputeError('unsupported', `${field}: this host has no machine ${machine ?? 'of its own'}`, { field }, { cause: error });
}
