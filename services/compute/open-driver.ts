import type { LibvirtMetrics } from './metrics.js';
import type { Driver } from './ports.js';
import type { ComputeSettings } from './settings.js';
import { FakeDriver } from './virt/fake/fake-driver.js';

/** The hypervisor that the settings name. Opens nothing yet: connections come when they are needed. */
export function openDriver(_settings: ComputeSettings, _metrics: LibvirtMetrics): Driver {
  return new FakeDriver();
}
