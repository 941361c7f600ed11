/** libvirt-qemu: functions and constants for the QEMU driver alone. */
import './api.js'; // the classes of the objects that these functions return

export * from '../generated/qemu-constants.js';
export * from '../generated/qemu-functions.js';
export * from './by-hand/qemu-functions.js';
export { qemuMonitorEventDeregister, qemuMonitorEventRegister } from './by-hand/qemu-events.js';
export type { QemuMonitorEventCallback } from './event-callbacks.js';
