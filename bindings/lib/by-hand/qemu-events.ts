import type { QemuMonitorEventCallback } from '../event-callbacks.js';
import { registrationsOf } from '../event-registrations.js';
import { checkObject, handleOf, wrapObject, type NativeHandle } from '../handle.js';
import { native } from '../native.js';
import type { virConnect } from '../../generated/classes/virConnect.js';
import type { virDomain } from '../../generated/classes/virDomain.js';

const KIND = 'QEMU monitor';

/**
 * Has `cb` called for events of QEMU's own monitor, as they are: unsupported, for debugging. Several callbacks may be registered for the
 * same. The process does not end by itself while any is.
 * @param dom only events of this domain; null for all
 * @param event its name, such as 'SHUTDOWN'; null for all
 * @param cb called as cb(conn, dom, event, seconds, micros, details, opaque); the details are JSON, or null
 * @param opaque handed to the callback as it is
 * @param flags bitwise-OR of VIR_CONNECT_DOMAIN_QEMU_MONITOR_EVENT_REGISTER_...: `event` is a regular expression, or any case will do
 * @returns the id for qemuMonitorEventDeregister
 * @throws libvirtError
 * @see virConnectDomainQemuMonitorEventRegister, since libvirt 1.2.3
 */
export async function qemuMonitorEventRegister<T = undefined>(
  conn: virConnect,
  dom: virDomain | null,
  event: string | null,
  cb: QemuMonitorEventCallback<T>,
  opaque?: T,
  flags = 0,
): Promise<number> {
  if (typeof cb !== 'function') throw new TypeError('virConnectDomainQemuMonitorEventRegister: cb must be a function');
  checkObject('virConnectDomainQemuMonitorEventRegister: dom', 'virDomain', dom);
  const which = handleOf(dom);
  const source = {
    key: `${KIND} ${flags} ${event === null ? 'any' : JSON.stringify(event)} ${which === null ? 'any' : native.virDomainGetUUIDString(which)}`,
    kind: KIND,
    wrap: (about: NativeHandle) => wrapObject('virDomain', conn, about),
    enroll: (registration: number) => native.virConnectDomainQemuMonitorEventRegister(handleOf(conn), which, event, registration, flags),
    dismiss: (callbackID: number) => native.virConnectDomainQemuMonitorEventDeregister(handleOf(conn), callbackID),
  };
  return registrationsOf(conn).add(source, (about, details) => (cb as (...all: unknown[]) => unknown)(conn, about, ...details, opaque));
}

/**
 * Ends a registration: the callback is not called any more from now on, whatever becomes of the promise.
 * @param callbackID from qemuMonitorEventRegister
 * @returns 0
 * @throws libvirtError VIR_ERR_INVALID_ARG for an unknown id
 * @see virConnectDomainQemuMonitorEventDeregister, since libvirt 1.2.3
 */
export function qemuMonitorEventDeregister(conn: virConnect, callbackID: number): Promise<number> {
  return registrationsOf(conn).remove(KIND, callbackID);
}
