import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCpuList } from '../../../../../../services/compute/claims/cpu-list.js';
import { demandOf, demandOfShape } from '../../../../../../services/compute/claims/demand.js';
import { domainShape } from '../../../../../../services/compute/virt/libvirt/claims/domain-shape.js';
import { domainXml } from '../../../../../../services/compute/virt/libvirt/domain-xml.js';
import { spawnBody } from '../../../../../support/commands.js';

test('a domain claims what its spec claimed', () => {
  const specs = [
    {},
    { vcpus: 3, memoryMiB: 2048 },
    { vcpus: 2, cpuTune: { pins: [[0, 1], [5]] } },
    { memoryMiB: 2048, hugepages: { pageSizeKiB: 1_048_576 } },
  ];
  for (const more of specs) {
    const spec = spawnBody({ ...more, metadata: { vcpu: '<vcpu>99</vcpu>' } }).instance;
    const marks = { spec, specHash: 'v1:0', generation: 1, requestId: 'r' };
    const xml = domainXml({ ...marks, virtType: 'kvm', diskFiles: [], consoleLog: '/log' });
    const { name, shape } = domainShape(xml);
    assert.equal(name, `novalet-${spec.id}`);
    assert.deepEqual(demandOfShape(shape, 0), demandOf(spec, 0));
  }
});

test('a list of CPUs is read as libvirt writes it', () => {
  assert.deepEqual(parseCpuList('0-3,^2,8'), [0, 1, 3, 8]);
  for (const wrong of ['', 'a', '3-1', '1,,2', '^0', '0-99999']) assert.equal(parseCpuList(wrong), null);
});
