import { XMLParser } from 'fast-xml-parser';
import type { InstanceSpec } from '../../../common/messages/instance-spec.js';

/** Our namespace in a domain's `<metadata>`; the sign that a domain is ours. */
export const METADATA_NAMESPACE = 'urn:novalet:instance:1';

/** What we write into every domain. */
export interface InstanceMarks {
  readonly spec: InstanceSpec;
  readonly specHash: string;
  readonly generation: number;
  readonly requestId: string;
}

/** What is read back; the spec only when asked for, because most readers need the hash alone. */
export type FoundMarks = Omit<InstanceMarks, 'spec'>;

/** Our element as an object for the XML builder. */
export function marksElement({ spec, specHash, generation, requestId }: InstanceMarks): Record<string, unknown> {
  const entries = Object.entries(spec.metadata ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    'novalet:instance': {
      '@xmlns:novalet': METADATA_NAMESPACE,
      '@generation': generation,
      'novalet:specHash': specHash,
      'novalet:requestId': requestId,
      'novalet:spec': asciiJson(spec),
      'novalet:entry': entries.map(([key, value]) => ({ '@key': key, '#text': value })),
    },
  };
}

const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '@', parseTagValue: false, removeNSPrefix: true });

/** Our marks from what virDomainGetMetadata gave; null when it is not something that we wrote. */
export function readMarks(xml: string): FoundMarks | null {
  let instance: unknown;
  try {
    instance = (parser.parse(xml) as { instance?: unknown }).instance;
  } catch {
    return null;
  }
  if (instance === null || typeof instance !== 'object') return null;
  const { specHash, requestId, '@generation': generation } = instance as Record<string, unknown>;
  if (typeof specHash !== 'string' || !specHash.startsWith('v1:sha256:')) return null;
  const number = Number(generation);
  if (!Number.isInteger(number) || number < 1) return null;
  return { specHash, generation: number, requestId: typeof requestId === 'string' ? requestId : '' };
}

/** JSON in ASCII: what XML tools on the way make of 4-byte characters is then no question. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
