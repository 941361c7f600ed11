import type { LibvirtMetrics } from './metrics.js';
import type { Driver } from './ports.js';
import type { ComputeSettings } from './settings.js';
import { FakeDriver } from './virt/fake/fake-driver.js';

export type OpenDriver = (settings: ComputeSettings, metrics: LibvirtMetrics) => Driver;

/** The hypervisor that the settings name. Opens nothing yet: connections come when they are needed. */
export const openDriver: OpenDriver = () => new FakeDriver();
