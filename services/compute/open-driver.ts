import type { Checkpoint } from './checkpoint.js';
import type { Log } from './log.js';
import type { LibvirtMetrics } from './metrics.js';
import type { Driver } from './ports.js';
import type { ComputeConfig } from './config.js';
import { libvirtPool, openLibvirtDriver } from './virt/libvirt/open-libvirt-driver.js';

export type OpenDriver = (settings: ComputeConfig, metrics: LibvirtMetrics, log: Log, checkpoint?: Checkpoint) => Driver;

/** The hypervisor that the settings name. Waits for nothing: connections come when they are there. */
export const openDriver: OpenDriver = openLibvirtDriver;

/** The threads that the driver's calls run on, for metrics. */
export const driverPool = libvirtPool;
