import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDomainCapabilities } from '../../../../../../services/compute/virt/libvirt/host/domain-capabilities.js';
import { hostCpus } from '../../../../../../services/compute/virt/libvirt/host/host-cpus.js';
import { DOMAIN_CAPABILITIES } from './offers.js';

test('what a hypervisor says of itself is read, and what it does not say is not taken for a no', () => {
  assert.deepEqual(parseDomainCapabilities(DOMAIN_CAPABILITIES), {
    maxVcpus: 288,
    iothreads: false,
    vmcoreinfo: false,
    firmware: [],
    secureLoader: ['no'],
    cpuModes: ['maximum', 'host-model', 'custom'],
    cpuModels: ['Nehalem'],
    diskBuses: ['virtio', 'sata'],
    graphics: [],
    video: ['vga'],
    interfaceBackends: null,
    hyperv: ['relaxed', 'vapic'],
  });
  const silent = Object.values(parseDomainCapabilities('<domainCapabilities/>'));
  assert.deepEqual(new Set(silent), new Set([null]));
});

test("the host's CPUs are those of all its cells", () => {
  const cell = (...ids: number[]) => `<cell><cpus>${ids.map((id) => `<cpu id='${id}'/>`).join('')}</cpus></cell>`;
  const capabilities = (inside: string) => `<capabilities><host>${inside}</host></capabilities>`;
  assert.deepEqual(hostCpus(capabilities(`<topology><cells>${cell(2, 3)}${cell(0)}</cells></topology>`)), [0, 2, 3]);
  assert.equal(hostCpus(capabilities('')), null);
});
