import { createHash, randomUUID } from 'node:crypto';
import * as libvirt from '@novalet/libvirt';
import type { DriverKind } from './plan.js';

const STATES = ['nostate', 'running', 'blocked', 'paused', 'shutdown', 'shutdown', 'crashed', 'pmsuspended'];

export interface SeenDomain {
  readonly id: string;
  readonly name: string;
  readonly power: string;
  /** At its next start. */
  readonly vcpus: number;
  /** Devices of its disks, at its next start. */
  readonly disks: readonly string[];
  /** Of its interfaces. */
  readonly macs: readonly string[];
}

/** libvirt as a bystander sees it, and a guest of the bystander's own that nobody else may touch. */
export class Domains {
  readonly foreignId = randomUUID();
  readonly #native = new Set<string>();
  #connection: libvirt.virConnect;
  #foreignRuns = true;
  #foreignXml = '';

  private constructor(
    readonly uri: string,
    connection: libvirt.virConnect,
    private readonly type: DriverKind,
  ) {
    this.#connection = connection;
  }

  /** Stays connected: the test driver forgets its domains with its last connection. */
  static async open(uri: string, type: DriverKind): Promise<Domains> {
    const domains = new Domains(uri, await libvirt.open(uri), type);
    await domains.#prepare();
    return domains;
  }

  async list(): Promise<SeenDomain[]> {
    await this.#reconnect();
    const all = await this.#connection.listAllDomains(0);
    const seen = all.map(async (domain) => {
      const [state = 0] = await domain.state();
      const saved = state === 5 && (await domain.hasManagedSaveImage(0)) === 1;
      const xml = await domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE);
      const [, current, most] = /<vcpu[^>]*?(?: current='(\d+)')?>(\d+)</.exec(xml) ?? [];
      const disks = [...xml.matchAll(/<target dev='([a-z]+)'/g)].map(([, device]) => device ?? '');
      const macs = [...xml.matchAll(/<mac address='([0-9a-f:]+)'/g)].map(([, mac]) => mac ?? '');
      const power = saved ? 'suspended' : (STATES[state] ?? 'unknown');
      return { id: domain.UUIDString(), name: domain.name(), power, vcpus: Number(current ?? most), disks, macs };
    });
    return (await Promise.all(seen)).filter(({ id }) => !this.#native.has(id));
  }

  /** Somebody else's business on the same host. */
  async foreign(verb: 'start' | 'destroy'): Promise<void> {
    await this.#reconnect();
    const domain = await this.#connection.lookupByUUIDString(this.foreignId);
    const runs = (await domain.isActive()) === 1;
    if (verb === 'start' && !runs) await domain.create();
    if (verb === 'destroy' && runs) await domain.destroy().catch(fineWhenOff);
    this.#foreignRuns = verb === 'start';
  }

  /** What was done to the foreign guest that its owner has not done; null when all is well. */
  async foreignTouched(): Promise<string | null> {
    await this.#reconnect();
    const domain = await this.#connection.lookupByUUIDString(this.foreignId).catch(() => null);
    if (!domain) return 'the foreign domain is gone';
    const runs = (await domain.isActive()) === 1;
    if (runs !== this.#foreignRuns) return `the foreign domain ${runs ? 'runs' : 'is off'}`;
    const xml = await this.#xml(domain);
    return xml === this.#foreignXml ? null : 'the definition of the foreign domain is another one';
  }

  async close(): Promise<void> {
    await this.#connection.close().catch(() => 0);
  }

  async #prepare(): Promise<void> {
    for (const domain of await this.#connection.listAllDomains(0)) this.#native.add(domain.UUIDString());
    const domain = await this.#connection.defineXML(
      `<domain type="${this.type}"><name>foreign</name><uuid>${this.foreignId}</uuid><memory>16384</memory><os><type>hvm</type></os></domain>`,
    );
    await domain.create();
    this.#foreignXml = await this.#xml(domain);
  }

  async #xml(domain: libvirt.virDomain): Promise<string> {
    return createHash('sha256')
      .update(await domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE))
      .digest('hex');
  }

  async #reconnect(): Promise<void> {
    if ((await this.#connection.isAlive().catch(() => 0)) === 1) return;
    await this.#connection.close().catch(() => 0);
    this.#connection = await libvirt.open(this.uri);
  }
}

/** A libvirtd that was just started again may find the guest gone between two questions. */
function fineWhenOff(error: unknown): void {
  if (!(error instanceof libvirt.libvirtError) || error.get_error_code() !== libvirt.VIR_ERR_OPERATION_INVALID) throw error;
}
