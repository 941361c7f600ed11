import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { XMLParser } from 'fast-xml-parser';
import { InstanceSpec } from '../../../../../services/common/messages/instance-spec.js';
import { type DomainPlan, domainXml, type VirtType } from '../../../../../services/compute/virt/libvirt/domain-xml.js';
import { temporaryDirectory } from './temporary-directory.js';

const ID = '0b1f3c5e-1d2c-4b5a-9e8f-7a6b5c4d3e2f';
const HOSTILE = ['a"><x/>&', "]]>--<!-- ' &amp; <![CDATA[", '🦆'.repeat(63), 'é'.repeat(127) + 'x', '  spaces  ', '%s $(id) `id` ${x}'];

function plan(changes: Partial<DomainPlan> = {}, wish: object = {}): DomainPlan {
  const spec = InstanceSpec.parse({ id: ID, name: 'guest', vcpus: 2, memoryMiB: 64, ...wish });
  const specHash = `v1:sha256:${'a'.repeat(64)}`;
  const files = { diskFiles: [], consoleLog: '/var/lib/x/console.log' };
  return { spec, specHash, generation: 1, requestId: 'req-1', virtType: 'qemu', ...files, ...changes };
}

const VARIANTS: [string, DomainPlan][] = [
  ...(['kvm', 'qemu', 'test'] as VirtType[]).map((virtType): [string, DomainPlan] => [virtType, plan({ virtType })]),
  ['disks', plan({ diskFiles: Array.from({ length: 24 }, (_, i) => `/d/${i}, "&<file>:x.qcow2`) })],
  ['kernel', plan({ kernelFile: '/i/a&b', initrdFile: '/i/"<>' }, { kernel: 'k', initrd: 'i', cmdline: 'console=ttyS0 x="a<b>&\'"' })],
  ...HOSTILE.map((name, i): [string, DomainPlan] => [`name ${i}`, plan({}, { name, metadata: { 'a:b/c': name, plain: '<&>"' } })]),
];

for (const [name, variant] of VARIANTS) {
  test(`libvirt's schema accepts the domain: ${name}`, (t) => {
    const file = path.join(temporaryDirectory(t), 'domain.xml');
    writeFileSync(file, domainXml(variant));
    execFileSync('virt-xml-validate', [file, 'domain'], { stdio: 'pipe' });
  });
}

test('what a user supplied comes back to the byte, and makes no element of its own', () => {
  const options = { ignoreAttributes: false, attributeNamePrefix: '@', parseTagValue: false, trimValues: false };
  for (const name of HOSTILE) {
    const variant = plan({ diskFiles: [name] }, { name, metadata: { key: name } });
    const { domain } = new XMLParser(options).parse(domainXml(variant)) as { domain: Record<string, never> };
    const instance = domain['metadata']!['novalet:instance'];
    const found = [domain['title'], domain['devices']!['disk']['source']['@file'], instance['novalet:entry']['#text']];
    assert.deepEqual(found, [name, name, name]);
    assert.equal(domain['x'], undefined);
  }
});

test('the spec is in the metadata as ASCII JSON', () => {
  const { spec, ...rest } = plan({}, { name: '🦆é' });
  const xml = domainXml({ spec, ...rest });
  const json = /<novalet:spec>(.*)<\/novalet:spec>/.exec(xml)?.[1]?.replaceAll('&quot;', '"');
  assert.match(json ?? '', /^[\x20-\x7e]+$/);
  assert.deepEqual(JSON.parse(json ?? ''), spec);
});

test('no secret gets into the domain', () => {
  const seed = { hostname: 'ada', userData: 'hunter2', vendorData: 'hunter2', networkConfig: 'hunter2' };
  const xml = domainXml(plan({ seedFile: '/d/seed.iso' }, { seed }));
  assert.doesNotMatch(xml, /hunter2/);
  assert.match(xml, /ada/);
});

test('under TCG the cache of translated code is bounded, and KVM is not asked for', () => {
  const xml = domainXml(plan());
  assert.match(xml, /<domain type="qemu">.*<tb-cache unit="MiB">\d+<\/tb-cache>/s);
});
