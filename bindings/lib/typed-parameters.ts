import type { Int64, Int64In } from './int64.js';
import { nameOf } from './value-names.js';

/** What a typed parameter may be, as a result. */
// eslint-disable-next-line @typescript-eslint/no-duplicate-type-constituents -- Int64 may be bigint
export type ParameterValue = number | Int64 | boolean | string;

/** The same, as an argument: an array gives the parameter several times, where libvirt takes that. */
export type ParameterInput = Int64In | boolean | string | readonly (Int64In | boolean | string)[];

/** A dictionary of typed parameters as an argument: what the result's interface names, with numbers as number or bigint. */
export type ParametersIn<T> = { readonly [K in keyof T]: ParameterIn<T[K]> };
type ParameterIn<V> = V extends number | bigint ? Int64In : V extends string ? string | readonly string[] : V;

type ParameterType = 'int' | 'uint' | 'llong' | 'ullong' | 'double' | 'boolean' | 'string';
/** The types of the known parameters of one family, by name. */
export type ParameterTypes = Readonly<Record<string, ParameterType>>;

/** virTypedParameterType. 0 has the addon learn the type, or guess it by the value. */
const CODES: Readonly<Record<ParameterType, number>> = { int: 1, uint: 2, llong: 3, ullong: 4, double: 5, boolean: 6, string: 7 };

/** For the addon: name, type, value, name, ... It refuses values that do not fit, by name. */
export type NativeParameters = readonly unknown[] | null;

/**
 * A dictionary for the addon.
 * @param failedFunction the C function that the dictionary is for, for messages
 * @throws TypeError when it is no dictionary
 */
export function nativeParameters(
  failedFunction: string,
  types: ParameterTypes,
  params: Readonly<Record<string, unknown>> | null | undefined,
): NativeParameters {
  if (params === null || params === undefined) return null;
  if (typeof params !== 'object' || Array.isArray(params) || params instanceof Map) {
    const given = params instanceof Map ? 'a Map: Object.fromEntries(map) makes one' : nameOf(params);
    throw new TypeError(`${failedFunction}: params must be an object of names and values, not ${given}`);
  }
  const triples: unknown[] = [];
  for (const [name, value] of Object.entries(params)) {
    if (value === undefined) continue;
    const known = Object.hasOwn(types, name) ? types[name] : undefined;
    const code = known === undefined ? 0 : CODES[known];
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) triples.push(name, code, one);
  }
  return triples;
}

/** As nativeParameters, where none at all can only be a slip. @throws RangeError when it is empty */
export function someParameters(failedFunction: string, types: ParameterTypes, params: Readonly<Record<string, unknown>>): NativeParameters {
  const triples = nativeParameters(failedFunction, types, params);
  if (triples !== null && triples.length === 0) throw new RangeError(`${failedFunction}: params must name at least one parameter`);
  return triples;
}
