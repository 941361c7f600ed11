import { XMLParser } from 'fast-xml-parser';
import {
  type Connection,
  type Domain,
  type Libvirt,
  type Stats,
  VIR_DOMAIN_AFFECT_LIVE,
  VIR_DOMAIN_EVENT_ID_LIFECYCLE,
  VIR_DOMAIN_EVENT_STARTED,
  VIR_DOMAIN_EVENT_STOPPED,
  VIR_DOMAIN_JOB_COMPLETED,
  VIR_DOMAIN_JOB_OPERATION_BACKUP,
  VIR_DOMAIN_JOB_STATS_COMPLETED,
  VIR_DOMAIN_START_FORCE_BOOT,
  VIR_DOMAIN_START_PAUSED,
  VIR_DOMAIN_XML_INACTIVE,
} from '../../../../../services/compute/virt/libvirt/libvirt-calls.js';
import {
  VIR_ERR_AGENT_UNRESPONSIVE,
  VIR_ERR_INVALID_ARG,
  VIR_ERR_NO_DOMAIN,
  VIR_ERR_NO_DOMAIN_METADATA,
  VIR_ERR_NO_SUPPORT,
  VIR_ERR_OPERATION_FAILED,
  VIR_ERR_OPERATION_INVALID,
} from '../../../../../services/compute/virt/libvirt/libvirt-failure.js';
import { Definition, elementText } from '../../../../../services/compute/virt/libvirt/definition.js';
import { sizesOf } from '../../../../../services/compute/virt/libvirt/sizes.js';

/** As libvirt writes amounts, whatever they were given in. */
const inKiB = (xml: string): string =>
  xml.replace(/<memory unit="MiB">(\d+)<\/memory>/, (_all, mib: string) => `<memory unit='KiB'>${Number(mib) * 1024}</memory>`);

const [RUNNING, PAUSED, SHUTOFF] = [1, 3, 5];
/** virDomainUndefine flags that it knows; fewer than the driver asks for, as libvirt's test driver. */
const KNOWN_UNDEFINE_FLAGS = 3;

export class PretendedError extends Error {
  override readonly name = 'libvirtError';
  readonly domain = 10;
  constructor(
    readonly code: number,
    message = `libvirt error ${code}`,
  ) {
    super(message);
  }
}

export interface PretendedDomain {
  readonly uuid: string;
  readonly name: string;
  readonly title: string;
  marks: string | null;
  /** Its XML without marks: for its next start, and of the guest that runs. */
  definition: string;
  live: string | null;
  /** Its number when it runs. */
  id: number;
  /** Has an agent that answers. */
  agent?: boolean;
  frozen?: boolean;
  /** Looks at its job until it is over; absent: it has none. */
  job?: number | undefined;
  /** Lets go of no device. */
  clings?: boolean;
  /** Hears its power button. */
  obeys: boolean;
  state: number;
  /** virDomainPausedReason and its like. */
  reason?: number;
  /** It has a managed save image. */
  saved?: boolean;
}

type Fault = 'hang' | 'lost' | Error | (() => void);

/** libvirt in memory, with libvirt's own answers to what the driver asks, and faults on demand. */
export class PretendedLibvirt implements Libvirt {
  readonly domains = new Map<string, PretendedDomain>();
  readonly calls: string[] = [];
  opened = 0;
  /** What its capabilities offer. */
  domainTypes = ['qemu'];
  /** What it says that a guest of a machine can have. */
  domainCapabilities: (machine: string | null) => string = () => '<domainCapabilities/>';
  /** CPU features that it knows; true: the host has them. */
  cpuFeatures: Readonly<Record<string, boolean>> = {};
  /** Its virtual networks; true: up. */
  networks: Readonly<Record<string, boolean>> = {};
  /** No events. */
  silent = false;
  /** What libvirt and QEMU say of every guest, together. */
  stats: Stats = {};
  private runs = 0;
  private readonly faults = new Map<string, Fault[]>();
  private readonly listeners = new Set<(domain: Domain, event: number) => void>();
  private readonly removals = new Set<(domain: Domain, alias: string) => void>();
  private readonly lost = new Set<() => void>();
  private down = false;

  /** The next call of this name goes wrong: it never answers, the connection is lost under it, it fails, or something happens first. */
  next(call: string, fault: Fault): void {
    this.faults.set(call, [...(this.faults.get(call) ?? []), fault]);
  }

  /** Every connection breaks, and no new one opens until `start`. */
  stop(): void {
    this.down = true;
    for (const tell of this.lost) tell();
    this.lost.clear();
  }

  start(): void {
    this.down = false;
  }

  /** A domain that somebody made with a tool of his own. */
  defineForeign(uuid: string): void {
    this.domains.set(uuid, {
      uuid,
      name: 'somebody-elses',
      title: '',
      marks: null,
      state: SHUTOFF,
      id: -1,
      obeys: true,
      definition: `<domain><name>somebody-elses</name><uuid>${uuid}</uuid><memory unit='KiB'>16384</memory><vcpu>1</vcpu></domain>`,
      live: null,
    });
  }

  open = async (): Promise<Connection> => {
    await this.reach('open', () => true);
    if (this.down) throw new PretendedError(38, 'Failed to connect socket');
    this.opened++;
    return this.connection();
  };

  openReadOnly = this.open;

  private connection(): Connection {
    const link = { alive: true };
    const listening = new Set<(domain: Domain, event: number) => void>();
    const end = () => {
      link.alive = false;
      for (const listener of listening) this.listeners.delete(listener);
    };
    const reach = (call: string) => this.reach(call, () => link.alive, end);
    return {
      lookupByUUIDString: async (uuid) => {
        await reach('lookup');
        return this.handle(this.known(uuid), reach);
      },
      defineXMLFlags: async (xml) => {
        await reach('define');
        return this.handle(this.define(xml), reach);
      },
      getCapabilities: async () => {
        await reach('capabilities');
        const domains = this.domainTypes.map((type) => `<domain type='${type}'/>`).join('');
        return `<capabilities><guest><os_type>hvm</os_type><arch name='x86_64'>${domains}</arch></guest></capabilities>`;
      },
      getLibVersion: () => reach('libVersion').then(() => 9_000_000),
      getVersion: () => reach('version').then(() => 7_002_011),
      getType: () => reach('type').then(() => 'QEMU'),
      getDomainCapabilities: async (_emulator, _arch, machine) => {
        await reach('domainCapabilities');
        return this.domainCapabilities(machine);
      },
      compareHypervisorCPU: async (_emulator, _arch, _machine, _virtType, xml) => {
        await reach('compareCPU');
        const name = /name='([^']*)'/.exec(xml)?.[1] ?? '';
        const has = this.cpuFeatures[name];
        if (has === undefined) throw new PretendedError(1, `internal error: Unknown CPU feature ${name}`);
        return has ? 2 : 0;
      },
      numOfDomains: async () => {
        await reach('ping');
        return this.domains.size;
      },
      domainListGetStats: async (domains, group) => {
        await reach(`stats ${group}`);
        return domains.map((domain) => [domain, this.stats] as const);
      },
      getInfo: async () => {
        await reach('nodeInfo');
        return ['x86_64', 8192, 4, 3000, 1, 1, 4, 1];
      },
      getAllDomainStats: async () => {
        await reach('list');
        return [...this.domains.values()].map(
          (domain) => [this.handle(domain, reach), { 'state.state': domain.state, 'state.reason': domain.reason ?? 0 }] as const,
        );
      },
      listAllDomains: async () => {
        await reach('list saved');
        return [...this.domains.values()].filter(({ saved }) => saved).map((domain) => this.handle(domain, reach));
      },
      listAllNetworks: async () => {
        await reach('networks');
        return Object.entries(this.networks).map(([name, up]) => ({ name: () => name, isActive: () => Promise.resolve(up ? 1 : 0) }));
      },
      isAlive: () => Promise.resolve(link.alive ? 1 : 0),
      close: () => {
        end();
        return Promise.resolve(0);
      },
      registerCloseCallback: (callback) => {
        this.lost.add(() => {
          end();
          callback(null, 1, null);
        });
      },
      domainEventRegisterAny: (_domain: null, id: number, callback: (...all: never[]) => void) => {
        const tell = callback as (...all: unknown[]) => void;
        if (id !== VIR_DOMAIN_EVENT_ID_LIFECYCLE) return void this.removals.add((domain, alias) => tell(null, domain, alias, null));
        const listener = (domain: Domain, event: number) => tell(null, domain, event, 0, null);
        listening.add(listener);
        this.listeners.add(listener);
      },
    };
  }

  private handle(domain: PretendedDomain, reach: (call: string) => Promise<void>): Domain {
    const { id } = domain;
    const handle: Domain = {
      UUIDString: () => domain.uuid,
      name: () => domain.name,
      ID: () => id,
      info: async () => {
        await reach('info');
        const { state, live, definition } = this.known(domain.uuid);
        const { maximumMemoryKiB, memoryKiB, vcpus } = sizesOf(new Definition(live ?? definition));
        return [state, maximumMemoryKiB, memoryKiB, vcpus, 2_500_000_000];
      },
      state: async () => {
        await reach('state');
        const { state, reason = 0 } = this.known(domain.uuid);
        return [state, reason];
      },
      metadata: async () => {
        await reach('metadata');
        const { marks } = this.known(domain.uuid);
        if (marks === null) throw new PretendedError(VIR_ERR_NO_DOMAIN_METADATA);
        return marks;
      },
      setMetadata: async (_type, metadata, _key, _uri, flags) => {
        await reach('setMetadata');
        const known = this.known(domain.uuid);
        if (flags & VIR_DOMAIN_AFFECT_LIVE) running(known);
        known.marks = metadata;
        return 0;
      },
      XMLDesc: async (flags) => {
        await reach('xml');
        const { definition, live, marks } = this.known(domain.uuid);
        const xml = flags & VIR_DOMAIN_XML_INACTIVE ? definition : (live ?? definition);
        return xml.replace('</domain>', () => `<metadata>${marks ?? ''}</metadata></domain>`);
      },
      agentSetResponseTimeout: async () => {
        await reach('agent timeout');
        return 0;
      },
      setUserPassword: async (user) => {
        await reach('agent');
        withAgent(this.known(domain.uuid));
        this.calls.push(`password of ${user}`);
        return 0;
      },
      fsFreeze: async () => {
        await reach('agent');
        const known = withAgent(this.known(domain.uuid));
        if (known.frozen) throw new PretendedError(1, 'internal error: unable to execute QEMU agent command: the agent is in frozen state');
        known.frozen = true;
        return 1;
      },
      fsThaw: async () => {
        await reach('agent');
        withAgent(this.known(domain.uuid)).frozen = false;
        return 1;
      },
      backupBegin: async (xml) => {
        await reach('backup');
        const known = running(this.known(domain.uuid));
        this.calls.push(`backup ${/<disk name="(\w+)"/.exec(xml)?.[1]}${known.frozen ? ' at rest' : ''}`);
        known.job = 2;
        return 0;
      },
      abortJob: async () => {
        await reach('abort');
        this.known(domain.uuid).job = undefined;
        return 0;
      },
      jobStats: async (flags) => {
        await reach('job');
        const known = this.known(domain.uuid);
        if (flags === VIR_DOMAIN_JOB_STATS_COMPLETED) return { type: VIR_DOMAIN_JOB_COMPLETED };
        if (known.job === 0) known.job = undefined;
        if (known.job === undefined) return { type: 0 };
        known.job -= 1;
        return { type: 2, operation: VIR_DOMAIN_JOB_OPERATION_BACKUP, disk_processed: 1n, disk_total: 2n };
      },
      attachDeviceFlags: async (xml) => {
        await reach('attach');
        const known = running(this.known(domain.uuid));
        const live = new Definition(known.live ?? known.definition);
        live.addDevice(xml);
        known.live = live.toString();
        return 0;
      },
      detachDeviceFlags: async (xml) => {
        await reach('detach');
        const known = running(this.known(domain.uuid));
        if (known.clings) return 0;
        const live = new Definition(known.live ?? known.definition);
        for (const kind of ['disk', 'interface']) {
          for (const device of live.devices(kind)) if (elementText(device) === xml) live.removeDevice(device);
        }
        known.live = live.toString();
        if (!this.silent) for (const tell of this.removals) tell(handle, '');
        return 0;
      },
      setVcpusFlags: async (vcpus) => {
        await reach('vcpus');
        const known = running(this.known(domain.uuid));
        const plug = (xml: string) =>
          xml.replace(/<vcpu(?: current="\d+")?>(\d+)</, (_all, most: string) => `<vcpu current="${vcpus}">${most}<`);
        const { vcpus: now, maximumVcpus } = sizesOf(new Definition(known.live ?? known.definition));
        if (vcpus > now && vcpus <= maximumVcpus) {
          Object.assign(known, { definition: plug(known.definition), live: plug(known.live ?? known.definition) });
          return 0;
        }
        throw new PretendedError(VIR_ERR_OPERATION_FAILED, 'vcpu unplug failed');
      },
      setMemoryFlags: async (kib) => {
        await reach('memory');
        const known = running(this.known(domain.uuid));
        const balloon = (xml: string) =>
          xml
            .replace(/<currentMemory.*?<\/currentMemory>/, '')
            .replace('</domain>', `<currentMemory unit='KiB'>${kib}</currentMemory></domain>`);
        Object.assign(known, { definition: balloon(known.definition), live: balloon(known.live ?? known.definition) });
        return 0;
      },
      blockResize: async () => {
        await reach('blockResize');
        throw new PretendedError(VIR_ERR_NO_SUPPORT, 'not supported');
      },
      createWithFlags: async (flags) => {
        await reach('create');
        const known = this.known(domain.uuid);
        if (known.state !== SHUTOFF) throw new PretendedError(VIR_ERR_OPERATION_INVALID, 'domain is already running');
        const live = known.definition.replace('<serial type="pty">', '<serial type="pty"><source path="/dev/pts/3"/>');
        Object.assign(known, { state: flags & VIR_DOMAIN_START_PAUSED ? PAUSED : RUNNING, id: ++this.runs, saved: false, live });
        if (flags & VIR_DOMAIN_START_FORCE_BOOT) this.calls.push('boot afresh');
        this.tell(handle, VIR_DOMAIN_EVENT_STARTED);
        return 0;
      },
      suspend: async () => {
        await reach('suspend');
        running(this.known(domain.uuid)).state = PAUSED;
        return 0;
      },
      resume: async () => {
        await reach('resume');
        running(this.known(domain.uuid)).state = RUNNING;
        return 0;
      },
      pMWakeup: async () => {
        await reach('wake');
        running(this.known(domain.uuid)).state = RUNNING;
        return 0;
      },
      shutdownFlags: async (flags) => {
        await reach('shutdown');
        const known = running(this.known(domain.uuid));
        if (known.obeys) this.turnOff(handle, known);
        else this.calls.push(`button ${flags}`);
        return 0;
      },
      managedSave: async () => {
        await reach('save');
        this.turnOff(handle, running(this.known(domain.uuid)));
        this.known(domain.uuid).saved = true;
        return 0;
      },
      managedSaveRemove: async () => {
        await reach('unsave');
        this.known(domain.uuid).saved = false;
        return 0;
      },
      hasManagedSaveImage: async () => {
        await reach('saved');
        return this.known(domain.uuid).saved ? 1 : 0;
      },
      destroyFlags: async () => {
        await reach('destroy');
        this.turnOff(handle, running(this.known(domain.uuid)));
        return 0;
      },
      undefineFlags: async (flags) => {
        await reach('undefine');
        if (flags & ~KNOWN_UNDEFINE_FLAGS) throw new PretendedError(VIR_ERR_INVALID_ARG, `unsupported flags (0x${flags.toString(16)})`);
        if (this.known(domain.uuid).state === SHUTOFF) this.domains.delete(domain.uuid);
        return 0;
      },
    };
    return handle;
  }

  private turnOff(handle: Domain, domain: PretendedDomain): void {
    Object.assign(domain, { state: SHUTOFF, reason: 0, id: -1, live: null });
    this.tell(handle, VIR_DOMAIN_EVENT_STOPPED);
  }

  private tell(handle: Domain, event: number): void {
    if (!this.silent) for (const tell of this.listeners) tell(handle, event);
  }

  private known(uuid: string): PretendedDomain {
    const domain = this.domains.get(uuid);
    if (!domain) throw new PretendedError(VIR_ERR_NO_DOMAIN, `Domain not found: ${uuid}`);
    return domain;
  }

  private define(xml: string): PretendedDomain {
    const parser = new XMLParser({ stopNodes: ['domain.metadata'], trimValues: false, parseTagValue: false });
    const { domain } = parser.parse(xml) as { domain: { uuid: string; name: string; title: string; metadata: string } };
    const there = this.domains.get(domain.uuid);
    if (there && there.name !== domain.name) {
      throw new PretendedError(VIR_ERR_OPERATION_FAILED, `domain '${there.name}' already exists with uuid ${domain.uuid}`);
    }
    const { uuid, name, title, metadata } = domain;
    const { state = SHUTOFF, id = -1, live = null, obeys = true } = there ?? {};
    const definition = inKiB(xml.replace(/<metadata>.*<\/metadata>/s, ''));
    const defined = { uuid, name, title: String(title), marks: metadata, state, id, obeys, definition, live };
    this.domains.set(uuid, defined);
    return defined;
  }

  private async reach(call: string, alive: () => boolean, end: () => void = () => {}): Promise<void> {
    this.calls.push(call);
    const fault = this.faults.get(call)?.shift();
    if (fault === 'hang') await new Promise(() => {});
    if (fault === 'lost') end();
    else if (typeof fault === 'function') fault();
    else if (fault instanceof Error) throw fault;
    if (!alive()) throw new PretendedError(1, 'internal error: client socket is closed');
    await Promise.resolve();
  }
}

function withAgent(domain: PretendedDomain): PretendedDomain {
  if (domain.agent) return running(domain);
  throw new PretendedError(VIR_ERR_AGENT_UNRESPONSIVE, 'Guest agent is not responding: QEMU guest agent is not connected');
}

function running(domain: PretendedDomain): PretendedDomain {
  if (domain.state === SHUTOFF) throw new PretendedError(VIR_ERR_OPERATION_INVALID, 'domain is not running');
  return domain;
}
