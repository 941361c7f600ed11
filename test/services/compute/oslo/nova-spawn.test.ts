import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SpawnBody } from '../../../../services/common/messages/commands.js';
import { specHash } from '../../../../services/common/spec-hash.js';
import { spawnOf } from '../../../../services/compute/oslo/nova-spawn.js';
import { captured } from './captured.js';

type Fields = Record<string, unknown>;
const BRIDGES = { '*': 'br0' };

/** The captured build, with other fields of the instance, its flavor or its arguments. */
function build({
  instance = {},
  flavor = {},
  image = {},
  ...args
}: { instance?: Fields; flavor?: Fields; image?: Fields } & Fields = {}): Fields {
  const all = structuredClone(captured('request:build_and_run_instance').message.args) as Record<string, Fields>;
  const data = all['instance']?.['nova_object.data'] as Record<string, Fields>;
  Object.assign(data['flavor']?.['nova_object.data'] as Fields, flavor);
  Object.assign(data, instance);
  Object.assign(all['image'] as Fields, image);
  return { ...all, ...args };
}

const specOf = (args: Fields, bridges: Record<string, string> = BRIDGES) =>
  SpawnBody.parse(JSON.parse(JSON.stringify(spawnOf(args, bridges)))).instance;

test('a captured build is an instance of ours', () => {
  assert.deepEqual(specOf(build()), {
    id: '7b2f4f3e-0000-4000-8000-00000000c0de',
    name: 'vm-1',
    vcpus: 1,
    memoryMiB: 2048,
    disks: [{ image: '11111111-1111-1111-1111-111111111111', imageFormat: 'qcow2', sizeMiB: 20480 }],
    interfaces: [{ kind: 'bridge', bridge: 'br0' }],
    seed: { format: 'config-2', hostname: 'vm-1', sshKeys: ['ssh-ed25519 AAAA demo'] },
    metadata: { env: 'test' },
  });
});

test('the same wish by the queue has the same hash', () => {
  const byQueue = SpawnBody.parse({
    instance: {
      metadata: { env: 'test' },
      seed: { sshKeys: ['ssh-ed25519 AAAA demo'], hostname: 'vm-1', format: 'config-2' },
      interfaces: [{ bridge: 'br0', kind: 'bridge' }],
      disks: [{ sizeMiB: 20480, imageFormat: 'qcow2', image: '11111111-1111-1111-1111-111111111111' }],
      memoryMiB: 2048,
      vcpus: 1,
      name: 'vm-1',
      id: '7B2F4F3E-0000-4000-8000-00000000C0DE',
    },
  });
  assert.equal(specHash(specOf(build())), specHash(byQueue.instance));
});

test('plain dictionaries and other minor versions of objects are read as well', () => {
  const { instance, ...args } = build() as Record<string, Fields>;
  const plain = specOf({ ...args, instance: instance?.['nova_object.data'] });
  assert.deepEqual(plain, specOf(build()));
  assert.deepEqual(specOf({ ...args, instance: { ...instance, 'nova_object.version': '2.99' } }), plain);
  assert.throws(() => specOf({ ...args, instance: { ...instance, 'nova_object.version': '3.0' } }), { kind: 'unsupported' });
});

test('flavors say how the guest is made', () => {
  const extra_specs = { 'hw:cpu_sockets': '2', 'hw:mem_page_size': '2MB', 'os:secure_boot': 'required', 'hw:pmu': 'False' };
  const spec = specOf(build({ flavor: { vcpus: 4, ephemeral_gb: 1, swap: 512, extra_specs } }));
  assert.deepEqual(spec.disks?.slice(1), [{ sizeMiB: 1024 }, { sizeMiB: 512 }]);
  assert.deepEqual(spec.cpu?.topology, { sockets: 2, cores: 2, threads: 1 });
  assert.deepEqual(
    [spec.hugepages?.pageSizeKiB, spec.machine, spec.firmware, spec.secureBoot, spec.pmu],
    [2048, 'q35', 'uefi', true, 'off'],
  );
});

test('images say what the guest has drivers for', () => {
  const properties = { hw_disk_bus: 'scsi', hw_vif_model: 'e1000', os_type: 'windows', hw_machine_type: 'pc-i440fx-7.2' };
  const spec = specOf(build({ image: { properties }, block_device_mapping: [], instance: { system_metadata: {} } }));
  assert.deepEqual([spec.disks?.[0]?.bus, spec.interfaces?.[0]?.model, spec.osType, spec.machine], ['scsi', 'e1000', 'windows', 'pc']);
});

test('ports that were bound are connected as they were bound', () => {
  const port = { id: '33333333-3333-4333-8333-333333333333', address: '52:54:00:00:00:01', network: { bridge: 'br-int' } };
  const network_info = JSON.stringify([{ ...port, type: 'ovs' }]);
  const spec = specOf(build({ instance: { info_cache: { network_info } } }), {});
  assert.deepEqual(spec.interfaces, [{ kind: 'ovs', bridge: 'br-int', mac: port.address, interfaceId: port.id }]);
});

test('user data is decoded, and keys of metadata are made to fit', () => {
  const user_data = Buffer.from('#cloud-config\n').toString('base64');
  const spec = specOf(build({ instance: { user_data, metadata: { 'two words': 'x' } } }));
  assert.equal(spec.seed?.userData, '#cloud-config\n');
  assert.deepEqual(spec.metadata, { two_words: 'x' });
});

test('what would be missing in the guest is refused, and why is said', () => {
  const volume = [{ source_type: 'volume', destination_type: 'volume', boot_index: 0 }];
  for (const [args, words] of [
    [build({ block_device_mapping: volume }), /Cinder/],
    [build({ flavor: { extra_specs: { 'hw:cpu_policy': 'dedicated' } } }), /cpuTune\.pins/],
    [build({ flavor: { extra_specs: { 'pci_passthrough:alias': 'gpu:1' } } }), /PCI/],
    [build({ injected_files: [['/etc/motd', 'aGk=']] }), /user data/],
    [build({ accel_uuids: ['1'] }), /Cyborg/],
    [build({ image: { disk_format: 'iso' } }), /format iso/],
  ] as const)
    assert.throws(() => spawnOf(args, BRIDGES), { kind: 'unsupported', message: words });
  assert.throws(() => spawnOf(build(), {}), { kind: 'unsupported', message: /NOVALET_OSLO_BRIDGES/ });
  assert.throws(() => spawnOf({}, {}), { kind: 'invalid' });
});
