import { XMLParser } from 'fast-xml-parser';

const LISTS = new Set(['guest', 'arch', 'domain']);
const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '@', isArray: (name) => LISTS.has(name) });

interface Capabilities {
  readonly capabilities?: {
    readonly guest?: readonly { readonly arch?: readonly { readonly domain?: readonly { '@type'?: string }[] }[] }[];
  };
}

/** The types of domains that a hypervisor has, for any architecture, by what virConnectGetCapabilities says: qemu, kvm, test … */
export function domainTypes(capabilitiesXml: string): ReadonlySet<string> {
  const { capabilities } = parser.parse(capabilitiesXml) as Capabilities;
  const domains = (capabilities?.guest ?? []).flatMap(({ arch = [] }) => arch.flatMap(({ domain = [] }) => domain));
  return new Set(domains.flatMap((domain) => domain['@type'] ?? []));
}

/** What the operator should know when the hypervisor has no domains of the type that is set; null when it has. */
export function missingType(wanted: string, uri: string, capabilitiesXml: string): string | null {
  const there = domainTypes(capabilitiesXml);
  if (there.has(wanted)) return null;
  const offer = there.size > 0 ? `only ${[...there].sort().join(', ')}` : 'none at all';
  const kvm = wanted === 'kvm' ? 'give libvirt /dev/kvm (virt-host-validate tells what is missing), or ' : '';
  return `libvirt at ${uri} has no ${wanted} domains, ${offer}: every spawn will be refused; ${kvm}set NOVALET_VIRT_TYPE to what is there`;
}
