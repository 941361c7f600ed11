import { XMLParser } from 'fast-xml-parser';

const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '@', isArray: (name) => name === 'cell' || name === 'cpu' });

interface Capabilities {
  readonly capabilities?: {
    readonly host?: readonly unknown[] | { readonly topology?: { readonly cells?: { readonly cell?: readonly Cell[] } } };
  };
}
interface Cell {
  readonly cpus?: { readonly cpu?: readonly { readonly '@id'?: string }[] };
}

/** Numbers of the host's CPUs by what virConnectGetCapabilities says; null when it does not. */
export function hostCpus(capabilitiesXml: string): readonly number[] | null {
  const { capabilities } = parser.parse(capabilitiesXml) as Capabilities;
  const host = capabilities?.host;
  const cells = host && 'topology' in host ? (host.topology?.cells?.cell ?? []) : [];
  const cpus = cells.flatMap(({ cpus }) => (cpus?.cpu ?? []).map((cpu) => Number(cpu['@id'])));
  return cpus.length > 0 ? cpus.sort((a, b) => a - b) : null;
}
