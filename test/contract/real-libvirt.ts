import { XMLParser } from 'fast-xml-parser';
import * as libvirt from '@novalet/libvirt';
import { startLibvirtd } from '../../ops/private/libvirtd.js';
import { ordinaryUser } from '../../ops/private/ordinary-user.js';
import type { VirtType } from '../../services/compute/virt/libvirt/domain-xml.js';
import { type LibvirtBench, libvirtBench } from './libvirt-bench.js';

const titleParser = new XMLParser({ trimValues: false, parseTagValue: false });

export interface RealLibvirtBench extends LibvirtBench {
  readonly uri: string;
}

/** The libvirt driver on a real libvirtd of its own: libvirt's test driver, or QEMU with guests that have a firmware and nothing else. */
export async function realLibvirtBench(virtType: Exclude<VirtType, 'kvm'>): Promise<RealLibvirtBench> {
  const libvirtd = await startLibvirtd();
  stepDown();
  const uri = virtType === 'test' ? libvirtd.testUri : libvirtd.qemuUri;
  // The test driver forgets everything with its last connection; this one lives through the driver's restarts.
  const connection = await libvirt.open(uri);
  const domain = (id: string) => connection.lookupByUUIDString(id);
  const bench = await libvirtBench({
    libvirt,
    uri,
    virtType,
    sizes: { vcpus: 1, memoryMiB: 16 },
    canStartPaused: virtType !== 'test',
    makeForeign: async (id) => {
      const os = '<os><type>hvm</type></os>';
      await connection.defineXML(
        `<domain type="${virtType}"><name>foreign-${id}</name><uuid>${id}</uuid><memory>16384</memory>${os}</domain>`,
      );
    },
    pullThePlug: async (id) => void (await (await domain(id)).destroy()),
    suspendToDisk: async (id) => void (await (await domain(id)).managedSave(0)),
    undefine: async (id) => {
      if (await (await domain(id)).isActive()) await (await domain(id)).destroy();
      await (await domain(id)).undefine();
    },
    titleOf: async (id) => {
      const xml = await (await domain(id)).XMLDesc(0);
      return String((titleParser.parse(xml) as { domain: { title: unknown } }).domain.title);
    },
    copiesLive: virtType === 'qemu',
    plugs: virtType === 'test' ? 'off' : 'stubborn',
    xmlOf: async (id, flags) => (await domain(id)).XMLDesc(flags),
    domainsOf: async (id) => {
      const all = await connection.listAllDomains(0);
      return all.filter((found) => found.UUIDString() === id).map((found) => found.name());
    },
    close: async () => {
      await connection.close();
      await libvirtd.stop();
    },
  });
  return { ...bench, uri };
}

/** As root: from here on this process writes as the user that the private libvirtd and its QEMUs run as, like a worker beside them. */
function stepDown(): void {
  const { uid, gid } = ordinaryUser();
  if (process.geteuid?.() !== 0) return;
  process.setegid?.(gid);
  process.seteuid?.(uid);
}
