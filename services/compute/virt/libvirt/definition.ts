import { XMLBuilder, XMLParser } from 'fast-xml-parser';
import { ComputeError } from '../../../common/errors.js';

const SHAPE = { ignoreAttributes: false, attributeNamePrefix: '@', preserveOrder: true } as const;
const parser = new XMLParser({ ...SHAPE, parseTagValue: false, trimValues: false, htmlEntities: true });
const builder = new XMLBuilder({ ...SHAPE, suppressBooleanAttributes: false, suppressEmptyNode: true, processEntities: true });

/** One element in the order of the text: its children under its name, its attributes under `:@`. */
export type Element = Record<string, unknown>;

/** A domain's XML that can be changed in places; what this version does not know stays as libvirt gave it. */
export class Definition {
  private readonly document: Element[];
  readonly root: Element;

  constructor(xml: string) {
    this.document = parser.parse(xml) as Element[];
    const root = this.document.find((node) => 'domain' in node);
    if (!root) throw new ComputeError('internal', 'libvirt gave something that is no domain');
    this.root = root;
  }

  toString(): string {
    return builder.build(this.document);
  }

  /** The devices of a kind: `disk`, `interface`, … */
  devices(kind: string): Element[] {
    const devices = child(this.root, 'devices');
    return devices ? childrenOf(devices, kind) : [];
  }

  addDevice(xml: string): void {
    const devices = child(this.root, 'devices');
    if (!devices) throw new ComputeError('internal', 'libvirt gave a domain without devices');
    contentOf(devices).push(...(parser.parse(xml) as Element[]));
  }

  removeDevice(device: Element): void {
    const devices = child(this.root, 'devices');
    if (devices) remove(devices, device);
  }
}

export function elementText(element: Element): string {
  return builder.build([element]);
}

const nameOf = (element: Element): string => Object.keys(element).find((key) => key !== ':@') ?? '';

function contentOf(element: Element): Element[] {
  return element[nameOf(element)] as Element[];
}

export function childrenOf(element: Element, name: string): Element[] {
  return contentOf(element).filter((node) => name in node);
}

/** The child at the end of the path; undefined when there is none. */
export function child(element: Element, ...path: string[]): Element | undefined {
  return path.reduce<Element | undefined>((found, name) => found && childrenOf(found, name)[0], element);
}

export function append(element: Element, added: Element): void {
  contentOf(element).push(added);
}

export function remove(element: Element, gone: Element): void {
  const content = contentOf(element);
  const at = content.indexOf(gone);
  if (at >= 0) content.splice(at, 1);
}

export function attribute(element: Element | undefined, name: string): string | undefined {
  const attributes = element?.[':@'] as Record<string, string> | undefined;
  return attributes?.[`@${name}`];
}

/** undefined: without it. */
export function setAttribute(element: Element, name: string, value: string | undefined): void {
  const { [`@${name}`]: _before, ...others } = (element[':@'] ?? {}) as Record<string, string>;
  element[':@'] = value === undefined ? others : { ...others, [`@${name}`]: value };
}

export function textOf(element: Element | undefined): string {
  if (!element) return '';
  return contentOf(element)
    .map((node) => (typeof node['#text'] === 'string' ? node['#text'] : ''))
    .join('');
}

export function setText(element: Element, text: string): void {
  element[nameOf(element)] = [{ '#text': text }];
}
