import { libvirtError } from '../libvirt-error.js';
import { native } from '../native.js';
import { nameOf } from '../value-names.js';
import { addRegistration, forgetRegistration } from '../registrations.js';

/** Told of a file descriptor: `events` is a bitwise-OR of VIR_EVENT_HANDLE_... */
export type EventHandleCallback<T = undefined> = (watch: number, fd: number, events: number, opaque: T) => unknown;
/** Told that the time is over. */
export type EventTimeoutCallback<T = undefined> = (timer: number, opaque: T) => unknown;

const watches = new Map<number, number>();
const timers = new Map<number, number>();

/**
 * Has libvirt's event loop watch a file descriptor. The process does not end by itself meanwhile. As long as the descriptor is ready, the
 * callback is called again when it has returned.
 * @param fd a file descriptor that can be polled; it stays the caller's
 * @param events bitwise-OR of VIR_EVENT_HANDLE_...
 * @param cb called as cb(watch, fd, events, opaque)
 * @returns the watch, for virEventUpdateHandle and virEventRemoveHandle
 * @throws libvirtError when the descriptor cannot be watched
 * @see virEventAddHandle, since libvirt 0.9.3
 */
export function virEventAddHandle<T = undefined>(fd: number, events: number, cb: EventHandleCallback<T>, opaque?: T): number {
  if (typeof cb !== 'function') throw new TypeError(`virEventAddHandle: cb must be a function, not ${nameOf(cb)}`);
  return add(
    watches,
    ([watch, ready, told]) => cb(watch as number, ready as number, told as number, opaque as T),
    (registration) => {
      try {
        return native.virEventAddHandle(fd, events, registration);
      } catch (error) {
        if (!(error instanceof libvirtError)) throw error;
        const message = `virEventAddHandle() failed: the descriptor ${fd} is not open, or cannot be polled`;
        throw new libvirtError(message, error.err, 'virEventAddHandle');
      }
    },
  );
}

/**
 * Changes what a watch waits for.
 * @param events bitwise-OR of VIR_EVENT_HANDLE_...; 0 for nothing
 * @see virEventUpdateHandle, since libvirt 0.9.3
 */
export function virEventUpdateHandle(watch: number, events: number): void {
  native.virEventUpdateHandle(watch, events);
}

/**
 * Ends a watch: its callback is not called any more.
 * @returns 0
 * @throws libvirtError when there is no such watch
 * @see virEventRemoveHandle, since libvirt 0.9.3
 */
export function virEventRemoveHandle(watch: number): number {
  forget(watches, watch);
  return native.virEventRemoveHandle(watch);
}

/**
 * Has libvirt's event loop call back again and again. The process does not end by itself meanwhile.
 * @param timeout milliseconds; 0 for always, -1 for not now
 * @param cb called as cb(timer, opaque); the time begins anew when it has returned
 * @returns the timer, for virEventUpdateTimeout and virEventRemoveTimeout
 * @throws libvirtError
 * @see virEventAddTimeout, since libvirt 0.9.3
 */
export function virEventAddTimeout<T = undefined>(timeout: number, cb: EventTimeoutCallback<T>, opaque?: T): number {
  if (typeof cb !== 'function') throw new TypeError(`virEventAddTimeout: cb must be a function, not ${nameOf(cb)}`);
  return add(
    timers,
    ([timer]) => cb(timer as number, opaque as T),
    (registration) => native.virEventAddTimeout(timeout, registration),
  );
}

/**
 * Changes the time of a timer.
 * @param timeout milliseconds; 0 for always, -1 for not now
 * @see virEventUpdateTimeout, since libvirt 0.9.3
 */
export function virEventUpdateTimeout(timer: number, timeout: number): void {
  native.virEventUpdateTimeout(timer, timeout);
}

/**
 * Ends a timer: its callback is not called any more.
 * @returns 0
 * @throws libvirtError when there is no such timer
 * @see virEventRemoveTimeout, since libvirt 0.9.3
 */
export function virEventRemoveTimeout(timer: number): number {
  forget(timers, timer);
  return native.virEventRemoveTimeout(timer);
}

/**
 * Not offered: libvirt wants an event loop's answers at once and on threads of its own, which JavaScript cannot give. The addon has a loop
 * of its own; virEventAddHandle and virEventAddTimeout put a program's descriptors and timers on it.
 * @throws libvirtError VIR_ERR_NO_SUPPORT
 */
export function virEventRegisterImpl(..._implementation: unknown[]): never {
  throw notOffered('virEventRegisterImpl', 'an event loop in JavaScript could not answer libvirt at once and on its own threads');
}

/**
 * Not offered, for it belongs to virEventRegisterImpl.
 * @throws libvirtError VIR_ERR_NO_SUPPORT
 */
export function virEventInvokeFreeCallback(..._opaque: unknown[]): never {
  throw notOffered('virEventInvokeFreeCallback', 'it belongs to virEventRegisterImpl, which is not offered');
}

const VIR_ERR_NO_SUPPORT = 3;

function notOffered(name: string, reason: string): libvirtError {
  const message = `this function is not supported by the binding: ${name}: ${reason}`;
  return new libvirtError(message, [VIR_ERR_NO_SUPPORT, 0, message, 2, message, name, null, -1, -1], name);
}

function add(known: Map<number, number>, tell: (details: readonly unknown[]) => unknown, begin: (registration: number) => number): number {
  const registration = addRegistration((_object, details) => tell(details));
  try {
    const id = begin(registration);
    known.set(id, registration);
    return id;
  } catch (error) {
    forgetRegistration(registration);
    throw error;
  }
}

function forget(known: Map<number, number>, id: number): void {
  const registration = known.get(id);
  if (registration !== undefined) forgetRegistration(registration);
  known.delete(id);
}
