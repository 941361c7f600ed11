import { agentContract } from './agent-contract.js';
import { driverContract } from './driver-contract.js';
import { libvirtBench } from './libvirt-bench.js';
import { PretendedLibvirt } from '../services/compute/virt/libvirt/pretended-libvirt.js';
import { plugContract } from './plug-contract.js';
import { rebuildContract } from './rebuild-contract.js';
import { resizeContract } from './resize-contract.js';
import { snapshotContract } from './snapshot-contract.js';
import { verbsContract } from './verbs-contract.js';

function pretendedBench() {
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
    pullThePlug: (id) => Promise.resolve(void Object.assign(domain(id), { state: 5, id: -1 })),
    suspendToDisk: (id) => Promise.resolve(void Object.assign(domain(id), { state: 5, saved: true, id: -1 })),
    undefine: (id) => Promise.resolve(void libvirt.domains.delete(id)),
    titleOf: (id) => Promise.resolve(domain(id).title),
    domainsOf: (id) => Promise.resolve(libvirt.domains.has(id) ? [`domain ${id}`] : []),
    plugs: 'live',
    copiesLive: true,
    giveAgent: (id) => void (domain(id).agent = true),
    cling: (id) => void (domain(id).clings = true),
    xmlOf: (id, flags) => Promise.resolve(flags === 0 ? (domain(id).live ?? domain(id).definition) : domain(id).definition),
    close: () => Promise.resolve(),
  });
}

driverContract('libvirt driver on a pretended libvirt', pretendedBench);
verbsContract('libvirt driver on a pretended libvirt', pretendedBench);
rebuildContract('libvirt driver on a pretended libvirt', pretendedBench);
resizeContract('libvirt driver on a pretended libvirt', pretendedBench);
plugContract('libvirt driver on a pretended libvirt', pretendedBench);
agentContract('libvirt driver on a pretended libvirt', pretendedBench);
snapshotContract('libvirt driver on a pretended libvirt', pretendedBench);
