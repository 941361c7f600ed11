import { types } from 'node:util';
import { Failure } from './failure.js';
import { noteLastError } from './last-error.js';
import { libvirtError } from './libvirt-error.js';
import type * as generated from '../generated/index.js';

declare const brand: unique symbol;
/** The addon's own object: a counted reference to one of libvirt's. Opaque. */
export interface NativeHandle {
  readonly [brand]: 'NativeHandle';
}

let nativeOf: (handle: Handle) => NativeHandle;
let parent: (handle: Handle) => Handle | null;
let isHandle: (value: unknown) => value is Handle;

/** What all of libvirt's classes have in common: the addon's handle, and the object they came from. */
export abstract class Handle {
  readonly #native: NativeHandle;
  readonly #parent: Handle | null;

  constructor(native: NativeHandle, parent: Handle | null) {
    this.#native = native;
    this.#parent = parent;
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
  let at = handle;
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
type Constructor<N extends ClassName> = new (native: NativeHandle, parent: Handle | null) => Classes[N];

const classes = new Map<ClassName, Constructor<ClassName>>();

/** Every class says its name here, so that the files of the classes need not import each other. */
export function registerClass<N extends ClassName>(name: N, constructor: Constructor<N>): void {
  classes.set(name, constructor);
}

/** A new object around a handle. */
export function wrapObject<N extends ClassName>(name: N, parent: Handle | null, native: NativeHandle): Classes[N] {
  const constructor = classes.get(name) as Constructor<N> | undefined;
  if (constructor === undefined) throw new Error(`@novalet/libvirt: class ${name} is not loaded`);
  return new constructor(native, parent);
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
