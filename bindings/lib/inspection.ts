import { inspect, type InspectOptions } from 'node:util';
import { lastError, noteLastError } from './last-error.js';

/** Methods that answer from the handle alone, and what console.log calls what they say. */
const FACTS: readonly (readonly [method: string, label: string])[] = [
  ['name', 'name'],
  ['getName', 'name'],
  ['UUIDString', 'uuid'],
  ['key', 'key'],
  ['MACString', 'mac'],
  ['usageID', 'usageID'],
  ['portDev', 'portDev'],
  ['filterName', 'filterName'],
];

/** `virDomain { name: 'web', uuid: '…' }`, without a call that could wait; `virDomain { closed: true }` when the object is of no use any more. */
export function inspection(className: string, object: object, options: InspectOptions): string {
  // Looking at an object leaves no trace.
  const before = lastError();
  try {
    return show(className, factsOf(object), options);
  } catch {
    return show(className, { closed: true }, options);
  } finally {
    noteLastError(before);
  }
}

function factsOf(object: object): Record<string, unknown> {
  const methods = object as Record<string, unknown>;
  const facts: Record<string, unknown> = {};
  for (const [method, label] of FACTS) {
    const ask = methods[method];
    if (typeof ask === 'function') facts[label] = ask.call(object);
  }
  return facts;
}

export function show(className: string, facts: object, options: InspectOptions): string {
  return `${className} ${inspect(facts, options)}`;
}
