import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attribute, child, Definition } from '../../../../../services/compute/virt/libvirt/definition.js';
import { bootFrom, hasDisk, takeMetadata } from '../../../../../services/compute/virt/libvirt/rescue-definition.js';

const disk = (file: string, device: string, bus: string, address: string, more = '') =>
  `<disk type='file' device='disk'><source file='${file}'/><target dev='${device}' bus='${bus}'/>${more}<address ${address}/></disk>`;
const domain = (devices: string, os = '') =>
  `<domain><metadata><a/></metadata><os><type>hvm</type>${os}</os><devices>${devices}</devices></domain>`;

/** Source, target and address of every disk. */
const disksOf = (definition: Definition) =>
  definition
    .devices('disk')
    .map((found) => [
      attribute(child(found, 'source'), 'file'),
      attribute(child(found, 'target'), 'dev'),
      attribute(child(found, 'address'), 'bus'),
    ])
    .sort(([, a], [, b]) => String(a).localeCompare(String(b)));

test('the rescue disk has the place of the first, and each on its bus that of the next', () => {
  const definition = new Definition(
    domain(
      disk('/a', 'vda', 'virtio', "type='pci' bus='0x04'", "<boot order='1'/>") +
        disk('/b', 'vdb', 'virtio', "type='pci' bus='0x05'") +
        disk('/c', 'sda', 'sata', "type='drive' bus='0'") +
        "<interface type='user'><boot order='2'/></interface>",
    ),
  );
  bootFrom(definition, '/rescue');
  assert.deepEqual(disksOf(definition), [
    ['/c', 'sda', '0'],
    ['/rescue', 'vda', '0x04'],
    ['/a', 'vdb', '0x05'],
    ['/b', 'vdc', undefined],
  ]);
  assert.equal(definition.toString().match(/<boot /g)?.length, 1);
  assert.equal(hasDisk(definition, '/rescue'), true);
});

test('a guest that boots a kernel of the host, or has no disk, boots the rescue disk alone', () => {
  const definition = new Definition(domain('', "<kernel>/k</kernel><initrd>/i</initrd><cmdline>c</cmdline><boot dev='hd'/>"));
  bootFrom(definition, '/rescue');
  assert.deepEqual(disksOf(definition), [['/rescue', 'vda', undefined]]);
  assert.doesNotMatch(definition.toString(), /kernel|initrd|cmdline|dev="hd"/);
});

test('what comes back has the metadata of now', () => {
  const former = new Definition(domain(''));
  takeMetadata(former, new Definition('<domain><metadata><b/></metadata></domain>'));
  assert.match(former.toString(), /<metadata><b\/><\/metadata>/);
  assert.doesNotMatch(former.toString(), /<a\/>/);
});
