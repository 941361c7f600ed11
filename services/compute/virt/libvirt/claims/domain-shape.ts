import { XMLParser } from 'fast-xml-parser';
import { parseCpuList } from '../../../claims/cpu-list.js';
import type { Shape } from '../../../claims/demand.js';

/** What of a domain's XML says nothing of its claim, and is most of it. */
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  stopNodes: ['devices', 'metadata', 'os', 'features', 'cpu', 'sysinfo', 'clock'].map((name) => `domain.${name}`),
  parseTagValue: false,
  isArray: (name) => name === 'vcpupin' || name === 'page',
});

interface Amount {
  readonly '#text'?: string;
  readonly '@unit'?: string;
}
interface DomainElement {
  readonly name?: string;
  readonly memory?: string | Amount;
  readonly vcpu?: string | Amount;
  readonly cputune?: { readonly vcpupin?: readonly { readonly '@cpuset'?: string }[] } | string;
  readonly memoryBacking?:
    { readonly hugepages?: string | { readonly page?: readonly { readonly '@size'?: string; readonly '@unit'?: string }[] } } | string;
}

/** The default of Linux on most machines; libvirt names the size wherever it is another one. */
const USUAL_PAGE_KIB = 2048;
const KIB: Readonly<Record<string, number>> = {
  b: 1 / 1024,
  bytes: 1 / 1024,
  KiB: 1,
  k: 1,
  MiB: 1024,
  M: 1024,
  GiB: 1024 ** 2,
  G: 1024 ** 2,
  TiB: 1024 ** 3,
};

/** Most of the text; skipped at a stride, as libvirt indents it. What stands in somebody's metadata comes before the last one. */
function withoutDevices(xml: string): string {
  const devices = xml.lastIndexOf('\n  <devices>\n');
  return devices < 0 ? xml : `${xml.slice(0, devices)}</domain>`;
}

/** Name of a domain, and what it takes of its host, by its XML as libvirt writes it. */
export function domainShape(xml: string): { readonly name: string; readonly shape: Shape } {
  const { domain = {} } = parser.parse(withoutDevices(xml)) as { readonly domain?: DomainElement };
  const { cputune, memoryBacking } = domain;
  const pins = typeof cputune === 'object' ? (cputune.vcpupin ?? []) : [];
  const hugepages = typeof memoryBacking === 'object' ? memoryBacking.hugepages : undefined;
  const page = typeof hugepages === 'object' ? hugepages.page?.[0] : undefined;
  const shape: Shape = {
    vcpus: Number(textOf(domain.vcpu) || 1),
    memoryKiB: inKiB(domain.memory),
    pins: pins.map((pin) => parseCpuList(pin['@cpuset'] ?? '') ?? []),
    ...(hugepages !== undefined && { pageSizeKiB: page ? Number(page['@size']) * (KIB[page['@unit'] ?? 'KiB'] ?? 1) : USUAL_PAGE_KIB }),
  };
  return { name: domain.name ?? '', shape };
}

const textOf = (amount: string | Amount | undefined): string => (typeof amount === 'object' ? (amount['#text'] ?? '') : (amount ?? ''));

function inKiB(amount: string | Amount | undefined): number {
  const unit = typeof amount === 'object' ? (amount['@unit'] ?? 'KiB') : 'KiB';
  return Number(textOf(amount) || 0) * (KIB[unit] ?? 1);
}
