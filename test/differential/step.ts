import type { DELIBERATE } from './deliberate.js';

/**
 * An argument as data, read by both sides. Arrays are lists, objects are dictionaries, and an object with one key that begins with `$` is
 * what JSON cannot say: see `Special`.
 */
export type Argument = null | boolean | number | string | Special | readonly Argument[] | { readonly [key: string]: Argument };

/** `$`-keys that both sides know. */
export type Special =
  /** An object that an earlier step saved. */
  | { readonly $: string }
  /** Bytes: a Buffer here, bytes there. */
  | { readonly $bytes: string }
  /** What Python wants as a tuple; an array here. */
  | { readonly $tuple: readonly Argument[] }
  /** A dictionary whose keys are integers. */
  | { readonly $byInteger: readonly (readonly [number, Argument])[] }
  /** An integer that does not fit a double. */
  | { readonly $integer: string }
  /** A function that records its arguments under this name, and returns these values one after the other, the last one for ever. */
  | { readonly $callback: string; readonly returns?: readonly Argument[] }
  /** A callback for openAuth that gives these answers, and this result. */
  | { readonly $credentials: readonly (string | null)[]; readonly returns: number }
  /** A function that raises. */
  | { readonly $raises: string }
  /** A file descriptor of this file, opened for reading and writing. */
  | { readonly $open: string };

/** One call on both sides. */
export interface Step {
  /** `variable.method`; the modules are the variables `libvirt`, `qemu` and `lxc`, the connection is `conn`. */
  readonly call: string;
  readonly args?: readonly Argument[];
  /** Saves what came back for later steps; `at` saves a part of it, by index. */
  readonly as?: string;
  readonly at?: readonly number[];
  /** Where in the result (`/` between levels, `*` for any) values may differ from run to run: compared by type alone. */
  readonly volatile?: readonly string[];
  /** The order of the list that comes back is libvirt's hash table's, another one every time. */
  readonly unordered?: boolean;
  /** The difference is deliberate, and this is its name in bindings/README.md. */
  readonly differs?: (typeof DELIBERATE)[number];
}

/** The calls that a callback has had, once there are so many. */
export interface Wait {
  readonly wait: string;
  readonly count: number;
  readonly volatile?: readonly string[];
  readonly differs?: (typeof DELIBERATE)[number];
}

/** Calls on one connection, opened before the first (as `conn`) and closed after the last. `$DIR` in a string is a directory to write in. */
export interface Scenario {
  readonly name: string;
  /** The default connection's URI, with `$URI` for the one under test. */
  readonly uri?: string;
  readonly steps: readonly (Step | Wait)[];
}

/** What came of a step, in a form that both sides can write down. */
export type Outcome = { readonly value: Encoded } | { readonly error: Encoded } | { readonly throws: string; readonly message: string };

/** Values as JSON: integers, bytes, dictionaries and objects of libvirt's classes are marked, all others stand for themselves. */
export type Encoded =
  | null
  | boolean
  | string
  | readonly Encoded[]
  | { readonly integer: string }
  | { readonly double: number }
  | { readonly bytes: string }
  | { readonly dictionary: { readonly [key: string]: Encoded } }
  | { readonly object: string };

/** A call without ceremony: `call('dom.state', [0], { volatile: ['1'] })`. */
export function call(name: string, args: readonly Argument[] = [], how: Omit<Step, 'call' | 'args'> = {}): Step {
  return { call: name, args, ...how };
}

/** Calls that differ in their arguments alone. */
export function calls(name: string, ...argumentLists: readonly (readonly Argument[])[]): Step[] {
  return argumentLists.map((args) => call(name, args));
}

/** Calls with arguments that are checked here, and that Python takes, or refuses by another error. */
export function refused(name: string, ...argumentLists: readonly (readonly Argument[])[]): Step[] {
  return argumentLists.map((args) => call(name, args, { differs: 'argument-checks' }));
}

/** Calls that give a list in no order. */
export function unordered(name: string, ...argumentLists: readonly (readonly Argument[])[]): Step[] {
  return argumentLists.map((args) => call(name, args, { unordered: true }));
}

/** Calls of one object without arguments. */
export function getters(variable: string, names: string): Step[] {
  return names.split(' ').map((name) => call(`${variable}.${name}`));
}
