import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ledger } from '../../../../services/compute/claims/ledger.js';
import { claimLimits } from '../../../../services/compute/claims/claim-limits.js';
import { createMetrics, libvirtMetrics } from '../../../../services/compute/metrics.js';
import { Settings } from '../../../../services/compute/settings.js';

test('the ledger and its refusals show in the metrics, by resource', async () => {
  const settings = Settings.parse({ NOVALET_PINNED_CPUS: '2-3', NOVALET_VCPU_RATIO: '1.5' });
  const ledger = new Ledger(claimLimits(settings));
  ledger.put('a', { vcpus: 2, memoryMiB: 64, diskMiB: 10, pinnedCpus: [3], hugepages: { pageSizeKiB: 2048, pages: 4 } });
  const metrics = createMetrics();
  const shown = libvirtMetrics(metrics);
  shown.rooms?.(ledger.rooms({ cpus: [0, 1, 2, 3], memoryMiB: 4096, hugepages: new Map([[2048, 8]]) }));
  shown.refused?.(['memory']);
  const text = await metrics.registry.metrics();
  for (const line of [
    'novalet_claims_capacity{resource="vcpus"} 3',
    'novalet_claims_claimed{resource="vcpus"} 2',
    'novalet_claims_reserved{resource="memory_mib"} 512',
    'novalet_claims_claimed{resource="disk_mib"} 10',
    'novalet_claims_capacity{resource="pinned_cpus"} 2',
    'novalet_claims_claimed{resource="hugepages_2048kib"} 4',
    'novalet_claims_refused_total{resource="memory"} 1',
    'novalet_claims_refused_total{resource="disk"} 0',
  ])
    assert.ok(text.includes(`${line}\n`), line);
});

test('a setting that is no list of CPUs is refused', () => {
  for (const wrong of ['3-1', 'all', '']) assert.equal(Settings.safeParse({ NOVALET_PINNED_CPUS: wrong }).success, false);
  assert.equal(Settings.safeParse({ NOVALET_VCPU_RATIO: '0' }).success, false);
});
