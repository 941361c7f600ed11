import { after, before, describe, test } from 'node:test';
import * as libvirt from '@novalet/libvirt';
import { type Libvirtd, startLibvirtd } from '../../ops/private/libvirtd.js';
import type { InstanceSpec } from '../../services/common/messages/instance-spec.js';
import { domainXml } from '../../services/compute/virt/libvirt/domain-xml.js';
import { randomSpec } from '../services/compute/virt/libvirt/random-spec.js';

const SPECS = 60;
const UNDEFINE_NVRAM = { qemu: libvirt.VIR_DOMAIN_UNDEFINE_NVRAM, test: 0 };

/** libvirt 9.0 knows passt by its schema alone. */
const withoutPasst = (spec: InstanceSpec): InstanceSpec => ({
  ...spec,
  interfaces: spec.interfaces?.filter(({ kind }) => kind !== 'passt'),
});

describe('libvirt itself', () => {
  let daemon: Libvirtd;
  before(async () => {
    daemon = await startLibvirtd();
  });
  after(() => daemon?.stop());

  for (const virtType of ['qemu', 'test'] as const) {
    test(`defines the domain of any spec that ours accepts, as a ${virtType} guest`, async () => {
      const connection = await libvirt.open(virtType === 'qemu' ? daemon.qemuUri : daemon.testUri);
      try {
        for (let i = 0; i < SPECS; i++) {
          const spec = withoutPasst(randomSpec(`${virtType} ${i}`));
          const diskFiles = (spec.disks ?? []).map((_, n) => `/d/disk-${n}.qcow2`);
          const files = { diskFiles, consoleLog: '/d/console.log', ...(spec.seed && { seedFile: '/d/seed.iso' }) };
          const xml = domainXml({ spec, specHash: 'v1:sha256:0', generation: 1, requestId: 'r', virtType, ...files });
          await (await connection.defineXML(xml)).undefineFlags(UNDEFINE_NVRAM[virtType]);
        }
      } finally {
        await connection.close();
      }
    });
  }
});
