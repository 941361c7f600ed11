import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { domainXml, type VirtType } from '../../../../../services/compute/virt/libvirt/domain-xml.js';
import { randomSpec } from './random-spec.js';
import { temporaryDirectory } from './temporary-directory.js';

const SCHEMA = '/usr/share/libvirt/schemas/domain.rng';
const DOCUMENTS = 400;

/** The domain of a random spec; a failing one is named by its seed. */
function randomDomain(seed: string, virtType: VirtType): string {
  const spec = randomSpec(seed);
  const diskFiles = (spec.disks ?? []).map((_, i) => `/d/disk-${i}.qcow2`);
  const kernel = spec.kernel === undefined ? {} : { kernelFile: '/i/kernel', initrdFile: '/i/initrd' };
  const seedFile = spec.seed ? { seedFile: '/d/seed.iso' } : {};
  const marks = { spec, specHash: `v1:sha256:${'a'.repeat(64)}`, generation: 1, requestId: 'r' };
  return domainXml({ ...marks, virtType, diskFiles, consoleLog: '/d/console.log', vncListen: '::1', ...kernel, ...seedFile });
}

test("libvirt's schema accepts the domain of any spec that ours accepts", (t) => {
  const directory = temporaryDirectory(t);
  for (let i = 0; i < DOCUMENTS; i++) {
    const virtType = (['kvm', 'qemu', 'test'] as const)[i % 3] as VirtType;
    writeFileSync(path.join(directory, `${i}.xml`), randomDomain(`${i}`, virtType));
  }
  const files = readdirSync(directory).map((file) => path.join(directory, file));
  execFileSync('xmllint', ['--noout', '--relaxng', SCHEMA, ...files], { stdio: 'pipe' });
});

test('the same spec makes the same domain', () => {
  for (let i = 0; i < 20; i++) assert.equal(randomDomain(`${i}`, 'kvm'), randomDomain(`${i}`, 'kvm'));
});
