import { closeSync, constants, openSync } from 'node:fs';
import { setTimeout as later } from 'node:timers/promises';
import * as libvirt from '@novalet/libvirt';
import * as lxc from '@novalet/libvirt/lxc';
import * as qemu from '@novalet/libvirt/qemu';
import type { Argument, Encoded, Outcome, Step, Wait } from './step.js';
import type { Order } from './python-side.js';

/** How an object of a class is called; by name() where nothing else is said. */
const NAME_OF: Readonly<Record<string, string | null>> = {
  virConnect: null,
  virStream: null,
  virDomainSnapshot: 'getName',
  virDomainCheckpoint: 'getName',
  virSecret: 'UUIDString',
  virNetworkPort: 'UUIDString',
  virStorageVol: 'key',
  virNWFilterBinding: 'portDev',
};

type Callback = (...args: unknown[]) => unknown;
type Callable = Record<string, (...args: unknown[]) => unknown>;
const isClass = (name: string): boolean => name.startsWith('vir') && name in libvirt;

function encodeNumber(value: number): Encoded {
  return Number.isInteger(value) ? { integer: BigInt(value).toString() } : { double: value };
}

function encodeObject(value: object): Encoded {
  const name = value.constructor.name;
  if (!isClass(name)) {
    return { dictionary: Object.fromEntries(Object.entries(value).map(([key, item]) => [key, encode(item)])) };
  }
  const getter = name in NAME_OF ? NAME_OF[name] : 'name';
  return { object: typeof getter === 'string' ? `${name} ${String((value as Callable)[getter]?.())}` : name };
}

/** A value as both sides write it. */
export function encode(value: unknown): Encoded {
  if (value === undefined || value === null) return null;
  if (typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'bigint') return { integer: value.toString() };
  if (typeof value === 'number') return encodeNumber(value);
  if (typeof value !== 'object') throw new TypeError(`a call gave a ${typeof value}`);
  if (Buffer.isBuffer(value)) return { bytes: value.toString('hex') };
  return Array.isArray(value) ? value.map(encode) : encodeObject(value);
}

function encodeError(error: unknown): Outcome {
  if (error instanceof libvirt.libvirtError) return { error: error.err === null ? error.message : encode([...error.err]) };
  if (error instanceof TypeError) return { throws: 'TypeError', message: error.message };
  if (error instanceof RangeError) return { throws: 'RangeError', message: error.message };
  return { throws: 'Error', message: String(error) };
}

/** One run of a scenario on this side. */
class Run {
  readonly #order: Order;
  readonly #variables = new Map<string, unknown>([
    ['libvirt', libvirt],
    ['qemu', qemu],
    ['lxc', lxc],
  ]);
  readonly #recorded = new Map<string, Encoded[]>();
  readonly #callbacks = new Map<string, Callback>();
  readonly #opened: number[] = [];
  readonly #connections: libvirt.virConnect[] = [];

  constructor(order: Order) {
    this.#order = order;
  }

  async step(step: Step | Wait): Promise<Outcome> {
    try {
      if ('wait' in step) return { value: await this.#waited(step) };
      const [variable, method] = step.call.split('.', 2) as [string, string];
      const on = this.#variables.get(variable) as Callable | undefined;
      if (typeof on?.[method] !== 'function') return { throws: 'missing', message: `there is no ${step.call}` };
      const result = await on[method](...(step.args ?? []).map((argument) => this.#decode(argument)));
      if (result instanceof libvirt.virConnect) this.#connections.push(result);
      if (step.as !== undefined) {
        this.#variables.set(
          step.as,
          (step.at ?? []).reduce<unknown>((kept, index) => (kept as unknown[])[index], result),
        );
      }
      return { value: encode(result) };
    } catch (error) {
      return encodeError(error);
    }
  }

  async end(): Promise<void> {
    this.#variables.clear();
    for (const descriptor of this.#opened) closeSync(descriptor);
    // All of them: the test driver keeps its state as long as anybody is connected.
    for (const conn of this.#connections) await conn[Symbol.asyncDispose]();
  }

  /** Callbacks come as events do, and have no promise to wait for. */
  async #waited({ wait, count }: Wait): Promise<Encoded> {
    const calls = this.#calls(wait);
    for (let tries = 0; calls.length < count && tries < 1000; tries++) await later(5);
    return [...calls];
  }

  #calls(name: string): Encoded[] {
    const calls = this.#recorded.get(name) ?? [];
    this.#recorded.set(name, calls);
    return calls;
  }

  #text(value: string): string {
    return value.replaceAll('$DIR', this.#order.directory).replaceAll('$URI', this.#order.uri);
  }

  #decode(value: Argument): unknown {
    if (typeof value === 'string') return this.#text(value);
    if (Array.isArray(value)) return value.map((item: Argument) => this.#decode(item));
    if (typeof value !== 'object' || value === null) return value;
    const [key = '', given] = Object.entries(value)[0] ?? [];
    switch (key) {
      case '$':
        return this.#variables.get(given as string);
      case '$bytes':
        return Buffer.from(given as string, 'hex');
      case '$tuple':
        return this.#decode(given as Argument);
      case '$byInteger':
        return new Map((given as [number, Argument][]).map(([integer, item]) => [integer, this.#decode(item)]));
      case '$integer':
        return BigInt(given as string);
      case '$callback':
        return this.#callback(given as string, (value as { returns?: Argument[] }).returns ?? [0]);
      case '$credentials':
        return this.#credentials(given as (string | null)[], (value as { returns: number }).returns);
      case '$raises':
        return () => {
          throw new Error(given as string);
        };
      case '$open':
        this.#opened.push(openSync(this.#text(given as string), constants.O_RDWR | constants.O_CREAT, 0o600));
        return this.#opened.at(-1);
      default:
        return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, this.#decode(item)]));
    }
  }

  #callback(name: string, returns: readonly Argument[]): Callback {
    const known = this.#callbacks.get(name);
    if (known !== undefined) return known;
    const calls = this.#calls(name);
    const left = [...returns];
    const record: Callback = (...args) => {
      calls.push(args.map(encode));
      return this.#decode((left.length > 1 ? left.shift() : left[0]) as Argument);
    };
    this.#callbacks.set(name, record);
    return record;
  }

  #credentials(answers: readonly (string | null)[], result: number): libvirt.CredentialCallback<unknown> {
    return (asked) => {
      for (const [i, one] of asked.entries()) one[4] = answers[i] ?? null;
      return result;
    };
  }
}

/** Runs a scenario through the binding. */
export async function runHere(order: Order): Promise<Outcome[]> {
  const run = new Run(order);
  const outcomes: Outcome[] = [];
  for (const step of order.steps) outcomes.push(await run.step(step));
  await run.end();
  return outcomes;
}
