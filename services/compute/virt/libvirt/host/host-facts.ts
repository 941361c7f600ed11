import { XMLParser } from 'fast-xml-parser';
import type { HostFacts } from '../../../host-view.js';
import type { Connection } from '../libvirt-calls.js';
import type { Link } from '../link.js';
import type { DomainCapabilities } from './domain-capabilities.js';

const LISTS = ['guest', 'machine'];
const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '@', isArray: (name) => LISTS.includes(name) });

interface Capabilities {
  readonly capabilities?: {
    readonly host?: { readonly uuid?: string; readonly cpu?: { readonly arch?: string; readonly model?: string } };
    readonly guest?: readonly {
      readonly arch?: { readonly '@name'?: string; readonly machine?: readonly (string | { readonly '#text'?: string })[] };
    }[];
  };
}

/** What libvirt says of itself, its hypervisor and its host. */
export async function askFacts(link: Link, virtType: string, domain: DomainCapabilities | null): Promise<HostFacts> {
  const what = 'ask libvirt what the host is';
  const ask = <T>(fn: string, run: (connection: Connection) => Promise<T>): Promise<T> => link.call(fn, what, run);
  const [capabilities, libvirt, hypervisor, type] = await Promise.all([
    ask('virConnectGetCapabilities', (connection) => connection.getCapabilities()),
    ask('virConnectGetLibVersion', (connection) => connection.getLibVersion()),
    ask('virConnectGetVersion', (connection) => connection.getVersion()),
    ask('virConnectGetType', (connection) => connection.getType()),
  ]);
  return {
    ...factsIn(capabilities),
    virtType,
    libvirtVersion: dotted(libvirt),
    hypervisor: `${type} ${dotted(hypervisor)}`,
    firmwares: ['bios', ...(domain?.firmware?.includes('efi') ? ['uefi'] : [])],
    features: domain ? featuresOf(domain) : {},
  };
}

export function factsIn(capabilitiesXml: string): Pick<HostFacts, 'uid' | 'architecture' | 'cpuModel' | 'machines'> {
  const { capabilities } = parser.parse(capabilitiesXml) as Capabilities;
  const { host, guest = [] } = capabilities ?? {};
  const architecture = host?.cpu?.arch;
  const machines = guest.filter(({ arch }) => arch?.['@name'] === architecture).flatMap(({ arch }) => arch?.machine ?? []);
  const names = machines.flatMap((machine) => (typeof machine === 'string' ? machine : (machine['#text'] ?? [])));
  return { uid: host?.uuid, architecture, cpuModel: host?.cpu?.model, machines: [...new Set(names)] };
}

/** libvirt's way to write a version: 1 000 000 × major + 1000 × minor + release. */
export function dotted(version: number | bigint): string {
  const number = Number(version);
  return `${Math.floor(number / 1_000_000)}.${Math.floor(number / 1000) % 1000}.${number % 1000}`;
}

function featuresOf(domain: DomainCapabilities): Record<string, string> {
  const { maxVcpus, iothreads, vmcoreinfo, secureLoader, cpuModes, diskBuses, graphics, video, interfaceBackends, hyperv } = domain;
  const known = {
    'max-vcpus': maxVcpus === null ? null : String(maxVcpus),
    iothreads: yes(iothreads),
    vmcoreinfo: yes(vmcoreinfo),
    'secure-boot': secureLoader && yes(secureLoader.includes('yes')),
    'cpu-modes': list(cpuModes),
    'disk-buses': list(diskBuses),
    graphics: list(graphics),
    video: list(video),
    'interface-backends': list(interfaceBackends),
    hyperv: list(hyperv),
  };
  return Object.fromEntries(Object.entries(known).flatMap(([name, value]) => (value === null ? [] : [[name, value]])));
}

const yes = (value: boolean | null): string | null => (value === null ? null : value ? 'yes' : 'no');
const list = (values: readonly string[] | null): string | null => values?.join(',') ?? null;
