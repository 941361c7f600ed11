import { XMLParser } from 'fast-xml-parser';

/** What a hypervisor can give a guest of one machine, by what virConnectGetDomainCapabilities says. */
export interface DomainCapabilities {
  readonly maxVcpus: number | null;
  readonly iothreads: boolean | null;
  readonly vmcoreinfo: boolean | null;
  /** Ways to boot beside BIOS: efi. A list is null when this libvirt does not say. */
  readonly firmware: readonly string[] | null;
  /** Whether a firmware that checks signatures is there: yes. */
  readonly secureLoader: readonly string[] | null;
  readonly cpuModes: readonly string[] | null;
  /** Those that this host can run. */
  readonly cpuModels: readonly string[] | null;
  readonly diskBuses: readonly string[] | null;
  readonly graphics: readonly string[] | null;
  readonly video: readonly string[] | null;
  readonly interfaceBackends: readonly string[] | null;
  readonly hyperv: readonly string[] | null;
}

const LISTS = new Set(['enum', 'value', 'mode', 'model']);
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  isArray: (name) => LISTS.has(name),
});

/** An element of libvirt's: attributes, named lists of values, whether it is there at all. */
interface Element {
  readonly '@supported'?: string;
  readonly '@max'?: string;
  readonly '@name'?: string;
  readonly enum?: readonly { readonly '@name'?: string; readonly value?: readonly string[] }[];
  readonly mode?: readonly (Element & {
    readonly model?: readonly (string | { readonly '#text'?: string; readonly '@usable'?: string })[];
  })[];
  readonly [inner: string]: unknown;
}

/** What it says, and null for all that it does not: libvirt tells more with every version. */
export function parseDomainCapabilities(xml: string): DomainCapabilities {
  const { domainCapabilities } = parser.parse(xml) as { domainCapabilities?: Element };
  const at = (...path: string[]): Element | undefined =>
    path.reduce<Element | undefined>((element, name) => element?.[name] as Element | undefined, domainCapabilities);
  const supported = (element: Element | undefined) => (element?.['@supported'] === undefined ? null : element['@supported'] === 'yes');
  const values = (element: Element | undefined, name: string) => {
    if (supported(element) === false) return [];
    const found = element?.enum?.find((one) => one['@name'] === name);
    return found ? (found.value ?? []) : null;
  };
  const max = Number(at('vcpu')?.['@max']);
  const modes = at('cpu')?.mode;
  const models = modes?.find((mode) => mode['@name'] === 'custom')?.model;
  return {
    maxVcpus: max > 0 ? max : null,
    iothreads: supported(at('iothreads')),
    vmcoreinfo: supported(at('features', 'vmcoreinfo')),
    firmware: values(at('os'), 'firmware'),
    secureLoader: values(at('os', 'loader'), 'secure'),
    cpuModes: modes?.filter((mode) => supported(mode)).flatMap((mode) => mode['@name'] ?? []) ?? null,
    cpuModels: models?.flatMap((model) => (typeof model === 'string' ? model : usable(model))) ?? null,
    diskBuses: values(at('devices', 'disk'), 'bus'),
    graphics: values(at('devices', 'graphics'), 'type'),
    video: values(at('devices', 'video'), 'modelType'),
    interfaceBackends: values(at('devices', 'interface'), 'backendType'),
    hyperv: values(at('features', 'hyperv'), 'features'),
  };
}

function usable(model: { readonly '#text'?: string; readonly '@usable'?: string }): string[] {
  return model['@usable'] === 'no' || model['#text'] === undefined ? [] : [model['#text']];
}
