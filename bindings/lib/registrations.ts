import type { NativeHandle } from './handle.js';

/** Called with the object that the event is about (null: the connection itself) and what else libvirt says. */
export type Deliver = (object: NativeHandle | null, details: readonly unknown[]) => void;

const registrations = new Map<number, Deliver>();
let nextId = 1;

/** A number for the addon, under which events come back to `deliver` until it is forgotten. */
export function addRegistration(deliver: Deliver): number {
  const id = nextId++;
  registrations.set(id, deliver);
  return id;
}

/** From now on events under this number are dropped, also those on their way. */
export function forgetRegistration(id: number): void {
  registrations.delete(id);
}

/** The addon's hook. */
export function deliverEvent(id: number, object: NativeHandle | null, ...details: unknown[]): void {
  registrations.get(id)?.(object, details);
}
