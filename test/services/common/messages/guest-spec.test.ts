import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InstanceSpec } from '../../../../services/common/messages/instance-spec.js';
import { NOT_SHOWN, withoutSecrets } from '../../../../services/common/messages/secret.js';
import { specHash } from '../../../../services/common/spec-hash.js';

const PLAIN = { id: '0b1f3c5e-1d2c-4b5a-9e8f-7a6b5c4d3e2f', name: 'guest', vcpus: 2, memoryMiB: 64 };

function problems(wish: object): string[] {
  const parsed = InstanceSpec.safeParse({ ...PLAIN, ...wish });
  return parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

test('a spec without any of the guest fields keeps the hash that it always had', () => {
  const hash = specHash(InstanceSpec.parse({ ...PLAIN, disks: [{ sizeMiB: 1 }] }));
  assert.equal(hash, 'v1:sha256:40376330ef8d9f0d028d7838ceb444c491a91ba2e4a8d91bb6aedcc36c0fd98e');
});

test('switching off what is on by default is another wish', () => {
  const plain = specHash(InstanceSpec.parse(PLAIN));
  for (const device of ['agent', 'rng', 'balloon'])
    assert.notEqual(specHash(InstanceSpec.parse({ ...PLAIN, devices: { [device]: 'off' } })), plain, device);
});

const nic = { kind: 'bridge', bridge: 'br0' };
const REFUSED: [object, RegExp][] = [
  [{ cpu: { topology: { sockets: 2, cores: 2 } } }, /^cpu.topology: .* is 4, and vcpus is 2$/],
  [{ maxVcpus: 1 }, /^maxVcpus: .* is 1, and vcpus is 2: it is at least that$/],
  [{ maxVcpus: 8, cpu: { topology: { cores: 2 } } }, /^cpu.topology: .* is 2, and maxVcpus is 8$/],
  [{ maxVcpus: 3, cpuTune: { pins: [[1], [2]] } }, /^cpuTune.pins: .*maxVcpus is 3/],
  [{ cpu: { mode: 'custom' } }, /^cpu.model: /],
  [{ cpu: { features: ['aes'] } }, /^cpu.features.0: /],
  [{ cpuTune: { pins: [[1]] } }, /^cpuTune.pins: .*one a vcpu/],
  [{ cpuTune: { pins: [[1, 1], [2]] } }, /^cpuTune.pins.0: .*twice/],
  [{ cpuTune: { periodMicroseconds: 1000 } }, /^cpuTune.quotaMicroseconds: /],
  [{ cpuTune: { iothreadPins: [0] } }, /^cpuTune.iothreadPins: /],
  [{ hugepages: { pageSizeKiB: 6 } }, /power of two/],
  [{ hugepages: { pageSizeKiB: 1048576 } }, /^memoryMiB: /],
  [{ secureBoot: true }, /^secureBoot: /],
  [{ machine: 'pc', devices: { pciePorts: 4 } }, /^devices.pciePorts: /],
  [{ devices: { vnc: 'on', video: 'none' } }, /^devices.video: /],
  [{ disks: [{ sizeMiB: 1, io: 'native' }] }, /^disks.0.io: /],
  [{ disks: [{ sizeMiB: 1, limits: { totalBytesPerSecond: 1, readBytesPerSecond: 1 } }] }, /exclude each other/],
  [{ disks: [{ sizeMiB: 1, limits: { readBytesPerSecondBurst: 1 } }] }, /needs a readBytesPerSecond/],
  [{ disks: [{ sizeMiB: 1, bootOrder: 1 }], interfaces: [{ ...nic, bootOrder: 1 }] }, /^interfaces.0.bootOrder: /],
  [{ interfaces: [{ ...nic, mac: '01:00:00:00:00:00' }] }, /unicast/],
  [{ interfaces: [{ ...nic, queues: 2, model: 'e1000' }] }, /^interfaces.0.queues: /],
  [{ interfaces: [{ ...nic, bridge: '../../etc' }] }, /^interfaces.0.bridge: /],
  [{ interfaces: [{ kind: 'user', mtu: 1500 }] }, /mtu/],
  [{ seed: {} }, /^seed: .*at least one/],
  [{ seed: { hostname: '-x' } }, /^seed.hostname: /],
  [{ seed: { format: 'config-2', networkConfig: 'version: 2' } }, /^seed.format: /],
];

for (const [wish, words] of REFUSED) {
  test(`refused with the field's name: ${JSON.stringify(wish)}`, () => {
    const [first] = problems(wish);
    assert.match(first ?? 'taken', words);
  });
}

test('secrets are left out of what is shown, and marked in the JSON schema', () => {
  const spec = InstanceSpec.parse({ ...PLAIN, interfaces: [nic], seed: { hostname: 'a', userData: 'pass\n', networkConfig: '{}' } });
  const shown = withoutSecrets(InstanceSpec, spec);
  assert.deepEqual(shown, { ...spec, seed: { hostname: 'a', userData: NOT_SHOWN, networkConfig: NOT_SHOWN } });
  assert.equal(spec.seed?.userData, 'pass\n');
});

test('a spec that is read back without its secrets is still one', () => {
  const spec = InstanceSpec.parse({ ...PLAIN, seed: { format: 'config-2', userData: 'a', vendorData: '{}', networkConfig: '{}' } });
  const shown = withoutSecrets(InstanceSpec, spec);
  assert.deepEqual(InstanceSpec.parse(shown), shown);
});
