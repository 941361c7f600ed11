import { inspect, types, type InspectOptions } from 'node:util';
import { notByNew } from './class-origins.js';
import { Failure } from './failure.js';
import { inspection } from './inspection.js';
import { noteLastError } from './last-error.js';
import { libvirtError } from './libvirt-error.js';
import { nameOf } from './value-names.js';
import type * as generated from '../generated/index.js';

declare const brand: unique symbol;
/** The addon's own object: a counted reference to one of libvirt's. Opaque. */
export interface NativeHandle {
  readonly [brand]: 'NativeHandle';
}

let nativeOf: (handle: Handle) => NativeHandle;
let parent: (handle: Handle) => Handle | null;
let isHandle: (value: unknown) => value is Handle;

/** What `construct` is about to make an object around. */
let expected: NativeHandle | null = null;

/** What all of libvirt's classes have in common: the addon's handle, and the object they came from. */
export abstract class Handle {
  readonly #native: NativeHandle;
  readonly #parent: Handle | null;

  protected constructor(native: NativeHandle, parent: Handle | null) {
    if (expected === null || native !== expected) throw notByNew(new.target.name);
    expected = null;
    this.#native = native;
    this.#parent = parent;
  }

  /** What console.log shows: what is known without a call. */
  [inspect.custom](_depth: number, options: InspectOptions): string {
    // A prototype is looked at, too.
    return isHandle(this) ? inspection(this.constructor.name, this, options) : '{}';
  }

  static {
    nativeOf = (handle) => handle.#native;
    parent = (handle) => handle.#parent;
    isHandle = (value): value is Handle => typeof value === 'object' && value !== null && #native in value;
  }
}

/** The object that this one was obtained from: kept alive with it. Null for a connection. No method, for those names are libvirt's. */
export function parentOf(handle: Handle): Handle | null {
  return parent(handle);
}

/** The connection at the root of where an object came from. */
export function connectionOf(handle: Handle): Classes['virConnect'] {
  // A method without its object, which only a program without types can call.
  if (!isHandle(handle)) throw new TypeError(`connect: this must be an object of libvirt, not ${nameOf(handle)}`);
  let at: Handle = handle;
  for (let above = parent(at); above !== null; above = parent(at)) at = above;
  return at as Classes['virConnect'];
}

/**
 * What the addon is given for an argument that should be an object: its handle, or null for null and undefined. Anything else goes through
 * as it is, for the addon to refuse by name; only a stranger's external never does.
 */
export function handleOf(object: object | null | undefined): NativeHandle | null {
  if (object === null || object === undefined) return null;
  if (isHandle(object)) return nativeOf(object);
  return (types.isExternal(object) ? {} : object) as NativeHandle;
}

interface Classes {
  virConnect: generated.virConnect;
  virDomain: generated.virDomain;
  virDomainCheckpoint: generated.virDomainCheckpoint;
  virDomainSnapshot: generated.virDomainSnapshot;
  virInterface: generated.virInterface;
  virNWFilter: generated.virNWFilter;
  virNWFilterBinding: generated.virNWFilterBinding;
  virNetwork: generated.virNetwork;
  virNetworkPort: generated.virNetworkPort;
  virNodeDevice: generated.virNodeDevice;
  virSecret: generated.virSecret;
  virStoragePool: generated.virStoragePool;
  virStorageVol: generated.virStorageVol;
  virStream: generated.virStream;
}
type ClassName = keyof Classes;
/** A class as a value; its constructor is nobody's but construct's. */
interface ClassOf<T> {
  readonly prototype: T;
}
type Constructor<T> = new (native: NativeHandle, parent: Handle | null) => T;

const classes = new Map<ClassName, ClassOf<Classes[ClassName]>>();

/** Every class says its name here, so that the files of the classes need not import each other. */
export function registerClass<N extends ClassName>(name: N, class_: ClassOf<Classes[N]>): void {
  classes.set(name, class_);
}

/** The only way to an object of one of the classes. */
export function construct<T extends Handle>(class_: ClassOf<T>, native: NativeHandle, parent: Handle | null): T {
  expected = native;
  return new (class_ as unknown as Constructor<T>)(native, parent);
}

/** A new object around a handle. */
export function wrapObject<N extends ClassName>(name: N, parent: Handle | null, native: NativeHandle): Classes[N] {
  const class_ = classes.get(name) as ClassOf<Classes[N]> | undefined;
  if (class_ === undefined) throw new Error(`@novalet/libvirt: class ${name} is not loaded`);
  return construct(class_, native, parent);
}

/** A libvirtError where the addon reported a failure of libvirt's; anything else as it is. */
function toError(reason: unknown): unknown {
  if (!(reason instanceof Failure)) return reason;
  noteLastError(reason.err);
  return new libvirtError(reason.message, reason.err, reason.function_);
}

/** The result of a call. Awaited here, so that the stack of a libvirtError leads to the caller. */
export async function settle<T>(promise: Promise<T>): Promise<T> {
  try {
    const result = await promise;
    noteLastError(null);
    return result;
  } catch (reason) {
    throw toError(reason);
  }
}

/** As settle, for calls that return an object. */
export async function settleObject<N extends ClassName>(
  name: N,
  parent: Handle | null,
  promise: Promise<NativeHandle>,
): Promise<Classes[N]> {
  let native: NativeHandle;
  try {
    native = await promise;
  } catch (reason) {
    throw toError(reason);
  }
  noteLastError(null);
  return wrapObject(name, parent, native);
}

/** As settleObject, for calls that return a list of objects. */
export async function settleObjects<N extends ClassName>(
  name: N,
  parent: Handle | null,
  promise: Promise<readonly NativeHandle[]>,
): Promise<Classes[N][]> {
  const handles = await settle(promise);
  return handles.map((handle) => wrapObject(name, parent, handle));
}

/**
 * Refuses what is neither of the class nor null.
 * @param what the function and the argument, for the message
 * @throws TypeError
 */
export function checkObject(what: string, name: ClassName, object: unknown): void {
  if (object === null || object === undefined) return;
  const class_ = classes.get(name) as (abstract new () => unknown) | undefined;
  if (class_ !== undefined && object instanceof class_) return;
  const given = isHandle(object) ? `a ${object.constructor.name}` : nameOf(object);
  throw new TypeError(`${what} must be a ${name} or null, not ${given}`);
}
