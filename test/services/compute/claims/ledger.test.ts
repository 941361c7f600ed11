import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Demand, demandOf } from '../../../../services/compute/claims/demand.js';
import { Ledger, refusedResources } from '../../../../services/compute/claims/ledger.js';
import type { Capacity, ClaimLimits } from '../../../../services/compute/claims/limits.js';
import { spawnBody } from '../../../support/commands.js';

const LIMITS: ClaimLimits = {
  vcpuRatio: 2,
  memoryRatio: 1,
  memoryReserveMiB: 512,
  diskRatio: 1.5,
  diskReserveMiB: 100,
  pinnedCpus: [2, 3],
  sharedCpus: null,
};
const HOST: Capacity = {
  cpus: [0, 1, 2, 3],
  memoryMiB: 4096,
  disk: { totalMiB: 1000, freeMiB: 900 },
  hugepages: new Map([[2048, 10]]),
};
const demand = (more: Partial<Demand> = {}): Demand => ({ vcpus: 1, memoryMiB: 1024, diskMiB: 100, pinnedCpus: [], ...more });

function refusal(
  ledger: Ledger,
  id: string,
  wanted: Demand,
  host = HOST,
): { readonly message: string; readonly resources: readonly string[] } {
  try {
    ledger.take(id, wanted, host);
  } catch (error) {
    return { message: (error as Error).message, resources: refusedResources(error) };
  }
  return { message: 'taken', resources: [] };
}

test('a refusal says of every resource what was wanted, what is free of how much, and what changes that', () => {
  const ledger = new Ledger(LIMITS);
  ledger.take('a', demand({ vcpus: 3 }), HOST);
  const { message, resources } = refusal(ledger, 'b', demand({ vcpus: 2, memoryMiB: 4000, diskMiB: 2000 }));
  assert.deepEqual(resources, ['vcpus', 'memory', 'disk']);
  assert.equal(
    message,
    'spawn b: this host has no room for it: vcpus: 2 vcpus wanted, 1 free of 4 (NOVALET_VCPU_RATIO, NOVALET_SHARED_CPUS); ' +
      'memory: 4000 MiB wanted, 2560 free of 4096 (NOVALET_MEMORY_RATIO, NOVALET_MEMORY_RESERVE_MIB); ' +
      'disk: 2000 MiB wanted, 1300 free of 1500 (NOVALET_DISK_RATIO, NOVALET_DISK_RESERVE_MIB)',
  );
  assert.equal(ledger.of('b'), undefined);
});

test('a refusal of more names who asked, in its own fields, and what is wanted besides', () => {
  const ledger = new Ledger(LIMITS);
  ledger.take('a', demand(), HOST);
  const asker = { what: 'resize a', fields: { memory: 'memoryMiB', disk: 'disks' } };
  const grow = () => ledger.change('a', demand({ memoryMiB: 5000, diskMiB: 1500 }), HOST, asker);
  assert.throws(grow, {
    kind: 'exhausted',
    details: { field: 'memoryMiB' },
    message: /^resize a: .*memory: 3976 MiB more wanted, 2560 free of/,
  });
});

test('a guest that claims again counts once', () => {
  const ledger = new Ledger(LIMITS);
  for (let i = 0; i < 5; i++) ledger.take('a', demand({ memoryMiB: 3000 }), HOST);
  assert.equal(ledger.rooms(HOST).find(({ resource }) => resource === 'memory')?.claimed, 3000);
});

test('a core is pinned by one guest, and only where the settings let it', () => {
  const ledger = new Ledger(LIMITS);
  ledger.take('a', demand({ pinnedCpus: [2] }), HOST);
  assert.match(refusal(ledger, 'b', demand({ pinnedCpus: [1, 2] })).message, /pinned-cpus: .*: 1 not for pinning, 2 another guest's$/);
  ledger.release('a');
  assert.equal(refusal(ledger, 'b', demand({ pinnedCpus: [2, 3] })).message, 'taken');
});

test('huge pages count by their size, and not as memory', () => {
  const { instance } = spawnBody({ memoryMiB: 16, hugepages: { pageSizeKiB: 2048 } });
  const ledger = new Ledger(LIMITS);
  assert.equal(demandOf(instance, 0).memoryMiB, 0);
  ledger.take('a', demandOf(instance, 0), HOST);
  assert.match(refusal(ledger, 'b', demandOf(instance, 0)).message, /hugepages: 8 pages of 2048 KiB wanted, 2 free of 10/);
});

test('a guest whose vcpus are pinned takes none of the shared ones', () => {
  const { instance } = spawnBody({ vcpus: 2, cpuTune: { pins: [[2], [2, 3]] } });
  assert.deepEqual(demandOf(instance, 0), { vcpus: 0, memoryMiB: 16, diskMiB: 0, pinnedCpus: [2, 3] });
});

test('a file system that others have filled takes no new disks', () => {
  const full = { ...HOST, disk: { totalMiB: 1000, freeMiB: 99 } };
  const ledger = new Ledger(LIMITS);
  assert.deepEqual(refusal(ledger, 'a', demand({ diskMiB: 1 }), full).resources, ['disk']);
  assert.deepEqual(refusal(ledger, 'a', demand({ diskMiB: 0 }), full).resources, []);
});

test('what nobody can tell is not refused', () => {
  assert.equal(refusal(new Ledger(LIMITS), 'a', demand({ vcpus: 10_000, hugepages: { pageSizeKiB: 4, pages: 1 } }), {}).message, 'taken');
});

test('a count does not undo what happened while it was made', () => {
  const ledger = new Ledger(LIMITS);
  ledger.put('gone', demand());
  ledger.put('stale', demand());
  const begun = ledger.revision;
  ledger.release('gone');
  ledger.put('new', demand());
  ledger.replace(
    new Map([
      ['gone', demand()],
      ['other', demand()],
    ]),
    begun,
  );
  assert.deepEqual([...ledger.ids()].sort(), ['new', 'other']);
});
