import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { InstanceSpec } from '../../../../../services/common/messages/instance-spec.js';
import { specHash } from '../../../../../services/common/spec-hash.js';
import type { SpawnRequest } from '../../../../../services/compute/ports.js';
import type { VirtType } from '../../../../../services/compute/virt/libvirt/domain-xml.js';
import { LibvirtDriver } from '../../../../../services/compute/virt/libvirt/libvirt-driver.js';
import { PretendedLibvirt } from './pretended-libvirt.js';
import { temporaryDirectory } from './temporary-directory.js';

interface WorkbenchOptions {
  readonly callTimeoutMs?: number;
  readonly virtType?: VirtType;
  /** False: libvirt is down when the driver begins. */
  readonly reachable?: boolean;
}

/** The driver over a pretended libvirt, with a state directory of its own; every call counted. */
export function workbench(t: TestContext, { callTimeoutMs = 2000, virtType = 'qemu', reachable = true }: WorkbenchOptions = {}) {
  const stateDir = temporaryDirectory(t);
  const imageDir = temporaryDirectory(t);
  const libvirt = new PretendedLibvirt();
  if (!reachable) libvirt.stop();
  const warnings: string[] = [];
  const observed: string[] = [];
  const metrics = {
    observe: (fn: string, _seconds: number, outcome: string) => void observed.push(`${fn} ${outcome}`),
    connectionState: () => {},
  };
  const driver = new LibvirtDriver(libvirt, {
    uri: 'pretended:///',
    virtType,
    stateDir,
    imageDirs: [imageDir],
    snapshotDir: imageDir,
    metrics,
    callTimeoutMs,
    warn: (what) => void warnings.push(what),
  });
  t.after(() => driver.close());
  const request = (wish: object = {}, ms = 10_000): SpawnRequest => {
    const spec = InstanceSpec.parse({ id: randomUUID(), name: 'guest', vcpus: 1, memoryMiB: 16, ...wish });
    return { spec, start: {}, specHash: specHash(spec), generation: 1, requestId: 'r', deadline: Date.now() + ms };
  };
  const destroy = (id: string, ms = 10_000) => driver.destroy(id, { deadline: Date.now() + ms });
  const files = () => readdirSync(path.join(stateDir, 'instances'));
  return { libvirt, driver, observed, warnings, request, destroy, files, stateDir, imageDir };
}
