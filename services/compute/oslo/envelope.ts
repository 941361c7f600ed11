import { bounded } from '../bounded.js';
import { tooDeep } from './nesting.js';

/** Largest message taken, in bytes; real ones have some ten thousand. */
const MAX_MESSAGE_BYTES = 1024 * 1024;

export type Json = Readonly<Record<string, unknown>>;
export type Opened = { readonly message: Json } | { readonly problem: string };

/**
 * What oslo.messaging put on the wire: its envelope of version 2.x, whose message is JSON within JSON, or the bare message of version 1. Never
 * throws: what a stranger sends is data.
 */
export function openEnvelope(content: Buffer): Opened {
  if (content.length > MAX_MESSAGE_BYTES) return { problem: `it has ${content.length} bytes; at most ${MAX_MESSAGE_BYTES} are taken` };
  const outer = objectOf(content.toString('utf8'));
  if ('problem' in outer) return outer;
  const version = outer.message['oslo.version'];
  if (version === undefined) return outer;
  if (typeof version !== 'string' || !/^2\.\d{1,4}$/.test(version))
    return { problem: `its envelope has the version ${bounded(version, 40)}; 2.x is spoken` };
  const inner = outer.message['oslo.message'];
  return typeof inner === 'string' ? objectOf(inner) : { problem: 'its envelope has no oslo.message' };
}

/** A message in its envelope, as every message of version 2.0 goes. */
export function sealed(message: object): Buffer {
  return Buffer.from(JSON.stringify({ 'oslo.version': '2.0', 'oslo.message': JSON.stringify(message) }));
}

function objectOf(text: string): Opened {
  if (tooDeep(text)) return { problem: 'it is nested too deeply' };
  try {
    const value: unknown = JSON.parse(text);
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return { message: value as Json };
    return { problem: 'it is no JSON object' };
  } catch {
    return { problem: 'it is not JSON' };
  }
}
