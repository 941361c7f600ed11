import { driverContract } from './driver-contract.js';
import { libvirtBench } from './libvirt-bench.js';
import { PretendedLibvirt } from '../services/compute/virt/libvirt/pretended-libvirt.js';

driverContract('libvirt driver on a pretended libvirt', () => {
  const libvirt = new PretendedLibvirt();
  const domain = (id: string) => {
    const found = libvirt.domains.get(id);
    if (!found) throw new Error(`no domain ${id}`);
    return found;
  };
  return libvirtBench({
    libvirt,
    uri: 'pretended:///',
    virtType: 'qemu',
    sizes: { vcpus: 1, memoryMiB: 16 },
    canStartPaused: true,
    makeForeign: (id) => Promise.resolve(libvirt.defineForeign(id)),
    pullThePlug: (id) => Promise.resolve(void (domain(id).state = 5)),
    suspendToDisk: (id) => Promise.resolve(void Object.assign(domain(id), { state: 5, saved: true })),
    undefine: (id) => Promise.resolve(void libvirt.domains.delete(id)),
    titleOf: (id) => Promise.resolve(domain(id).title),
    domainsOf: (id) => Promise.resolve(libvirt.domains.has(id) ? [`domain ${id}`] : []),
    close: () => Promise.resolve(),
  });
});
