import { XMLBuilder, XMLParser } from 'fast-xml-parser';
import { InstanceSpec, type UserMetadata } from '../../../common/messages/instance-spec.js';
import { withoutSecrets } from '../../../common/messages/secret.js';

/** Our namespace in a domain's `<metadata>`; the sign that a domain is ours. */
export const METADATA_NAMESPACE = 'urn:novalet:instance:1';
export const METADATA_PREFIX = 'novalet';

/** What we write into every domain. */
export interface InstanceMarks {
  readonly spec: InstanceSpec;
  readonly specHash: string;
  readonly generation: number;
  readonly requestId: string;
  /** The worker's host name when it was made; absent: by a worker that did not write it down. */
  readonly host?: string;
}

/** What is read back; not the spec, because most readers need the hash alone. */
export interface FoundMarks extends Omit<InstanceMarks, 'spec'> {
  /** The user's metadata as it is now; the spec keeps that of the wish. */
  readonly metadata: UserMetadata;
}

/** Our element as an object for the XML builder. */
export function marksElement({ spec, specHash, generation, requestId, host }: InstanceMarks): Record<string, unknown> {
  return {
    'novalet:instance': {
      '@xmlns:novalet': METADATA_NAMESPACE,
      '@generation': generation,
      ...(host !== undefined && { '@host': host }),
      'novalet:specHash': specHash,
      'novalet:requestId': requestId,
      'novalet:spec': asciiJson(withoutSecrets(InstanceSpec, spec)),
      'novalet:entry': sortedEntries(spec.metadata ?? {}).map(([key, value]) => ({ '@key': key, '#text': value })),
    },
  };
}

/** What libvirt gives may have other prefixes, or references where we wrote the characters themselves (htmlEntities reads them). */
const READING = {
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  removeNSPrefix: true,
  trimValues: false,
  htmlEntities: true,
} as const;
const parser = new XMLParser({ ...READING, isArray: (_name, path) => path === 'instance.entry' });
const treeParser = new XMLParser({ ...READING, preserveOrder: true });
const treeBuilder = new XMLBuilder({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  suppressBooleanAttributes: false,
  suppressEmptyNode: true,
  processEntities: true,
  preserveOrder: true,
});

/** Our marks from what virDomainGetMetadata gave; null when it is not something that we wrote. */
export function readMarks(xml: string): FoundMarks | null {
  let instance: unknown;
  try {
    instance = (parser.parse(xml) as { instance?: unknown }).instance;
  } catch {
    return null;
  }
  if (instance === null || typeof instance !== 'object') return null;
  const { specHash, requestId, entry, '@generation': generation, '@host': host } = instance as Record<string, unknown>;
  if (typeof specHash !== 'string' || !specHash.startsWith('v1:sha256:')) return null;
  const number = Number(generation);
  if (!Number.isInteger(number) || number < 1) return null;
  const madeBy = typeof host === 'string' ? { host } : {};
  return {
    specHash,
    generation: number,
    requestId: typeof requestId === 'string' ? requestId : '',
    metadata: readEntries(entry),
    ...madeBy,
  };
}

/** The wish in what we wrote, without its secrets; null where it cannot be read. */
export function readSpec(xml: string): InstanceSpec | null {
  try {
    const { instance } = parser.parse(xml) as { instance?: { spec?: unknown } };
    return typeof instance?.spec === 'string' ? (JSON.parse(instance.spec) as InstanceSpec) : null;
  } catch {
    return null;
  }
}

/**
 * The generation alone, of what we wrote; null of anything else. For looks at a thousand domains at once, which reading each as a whole would
 * cost ten times the memory.
 */
export function readGeneration(xml: string): number | null {
  if (!/<(?:[\w.-]+:)?specHash>v1:sha256:/.test(xml)) return null;
  const generation = Number(/^\s*<(?:[\w.-]+:)?instance\b[^>]*\sgeneration=["'](\d{1,10})["']/.exec(xml)?.[1]);
  return generation >= 1 ? generation : null;
}

/** The host alone, as cheaply; undefined: it does not say. */
export function readHost(xml: string): string | undefined {
  return /^\s*<(?:[\w.-]+:)?instance\b[^>]*\shost=["']([A-Za-z0-9._-]+)["']/.exec(xml)?.[1];
}

/** The host in the whole XML of a domain; undefined: it bears no marks, or they do not say. */
export function readHostOfDomain(xml: string): string | undefined {
  const element = new RegExp(`<(?:[\\w.-]+:)?instance\\b[^>]*["']${METADATA_NAMESPACE}["'][^>]*>`).exec(xml)?.[0];
  return element === undefined ? undefined : readHost(element);
}

interface Entry {
  readonly '@key'?: string;
  readonly '#text'?: string;
}

function readEntries(found: unknown): UserMetadata {
  if (!Array.isArray(found)) return {};
  const entries = (found as (Entry | string)[]).flatMap((entry) => {
    const { '@key': key, '#text': value = '' } = typeof entry === 'string' ? {} : entry;
    return key === undefined ? [] : [[key, value] as const];
  });
  return Object.fromEntries(entries);
}

type Tree = Record<string, unknown>[];

/**
 * Our element with other metadata of the user and everything else as it was, hash and spec of the wish included: a copy of the spawn must
 * still be known as one. Without prefixes; virDomainSetMetadata adds the namespace.
 */
export function withMetadata(element: string, metadata: UserMetadata): string {
  const [instance] = (treeParser.parse(element) as Tree).filter((node) => 'instance' in node);
  const children = (instance?.['instance'] ?? []) as Tree;
  const others = children.filter((node) => !('entry' in node) && !('#text' in node));
  const entries = sortedEntries(metadata).map(([key, value]) => ({
    entry: value === '' ? [] : [{ '#text': value }],
    ':@': { '@key': key },
  }));
  return treeBuilder.build([{ ...instance, instance: [...others, ...entries] }]);
}

const sortedEntries = (metadata: UserMetadata) => Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));

/** JSON in ASCII: what XML tools on the way make of 4-byte characters is then no question. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
