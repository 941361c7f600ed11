import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test, type TestContext } from 'node:test';
import * as libvirt from '@novalet/libvirt';
import { InstanceSpec } from '../../services/common/messages/instance-spec.js';
import { specHash } from '../../services/common/spec-hash.js';
import { type RealLibvirtBench, realLibvirtBench } from './real-libvirt.js';

const INACTIVE = 2; // VIR_DOMAIN_XML_INACTIVE
const DISK = { sizeMiB: 1 };
const SEED = { hostname: 'guest', userData: '#!/bin/sh\n' };

/** What is asked for, and how a running guest shows that it has it. */
const BOOTED: [string, object, ...RegExp[]][] = [
  ['PC hardware', { machine: 'pc' }, /machine='pc-i440fx-[\d.]+'/],
  ['UEFI', { firmware: 'uefi', memoryMiB: 128 }, /type='pflash'>[^<]*OVMF_CODE[^<]*</, /<nvram /],
  ['secure boot', { firmware: 'uefi', secureBoot: true, memoryMiB: 128 }, /<loader [^>]*secure='yes'/, /<smm state='on'/],
  ['Windows', { osType: 'windows' }, /<clock offset='localtime'/],
  ['a host model', { cpu: { mode: 'host-model' } }, /<cpu mode='custom' match='exact' check='full'>/],
  [
    'a CPU by name',
    { cpu: { mode: 'custom', model: 'Nehalem', features: ['+aes', '-popcnt'] } },
    /Nehalem</,
    /policy='disable' name='popcnt'/,
  ],
  ['a topology', { vcpus: 2, cpu: { topology: { sockets: 2 } } }, /sockets='2' dies='1' cores='1'/],
  ['no performance counters', { pmu: 'off' }, /<pmu state='off'/],
  ['a place for notes on a dump', { vmcoreinfo: true }, /<vmcoreinfo state='on'/],
  ['pinned CPUs', { cpuTune: { pins: [[0]], emulatorPins: [0] } }, /<vcpupin vcpu='0' cpuset='0'/, /<emulatorpin cpuset='0'/],
  [
    'iothreads, dealt out in turn and pinned',
    { iothreads: 2, cpuTune: { iothreadPins: [0] }, disks: [DISK, { ...DISK, bus: 'sata' }, DISK, DISK] },
    /iothread='1'\/>[^]*iothread='2'\/>[^]*iothread='1'\/>/,
    /<iothreadpin iothread='2' cpuset='0'/,
  ],
  [
    'SCSI and SATA disks',
    {
      disks: [
        { ...DISK, bus: 'scsi', serial: 'a' },
        { ...DISK, bus: 'sata' },
      ],
    },
    /model='virtio-scsi'/,
    /<serial>a</,
    /dev='sdb'/,
  ],
  [
    'a disk without cache',
    { disks: [{ ...DISK, cache: 'none', io: 'native', bootOrder: 1 }] },
    /cache='none' io='native'/,
    /<boot order='1'/,
  ],
  ['a disk with io_uring', { disks: [{ ...DISK, cache: 'writeback', io: 'io_uring' }] }, /io='io_uring'/],
  [
    'disk limits',
    { disks: [{ ...DISK, limits: { totalBytesPerSecond: 1_000_000, totalBytesPerSecondBurst: 2_000_000, readOperationsPerSecond: 9 } }] },
    /<total_bytes_sec_max>2000000</,
    /<read_iops_sec>9</,
  ],
  [
    'interfaces',
    { interfaces: [{ kind: 'user' }, { kind: 'user', model: 'e1000e', linkState: 'down' }] },
    /<mac address='02:/,
    /<link state='down'/,
  ],
  ['an interface of old', { interfaces: [{ kind: 'user', model: 'rtl8139' }] }, /<model type='rtl8139'/],
  ['a screen', { devices: { vnc: 'on' } }, /<graphics type='vnc' port='59\d\d' autoport='yes' listen='127.0.0.1'/, /type='virtio'/],
  ['a screen for Windows', { osType: 'windows', devices: { vnc: 'on', video: 'vga' } }, /<input type='tablet' bus='usb'/, /qemu-xhci/],
  ['another graphics adapter', { devices: { vnc: 'on', video: 'bochs' } }, /<model type='bochs'/],
  ['a watchdog', { devices: { watchdog: 'poweroff' } }, /<watchdog model='i6300esb' action='poweroff'/],
  ['slow random numbers', { devices: { rngBytesPerSecond: 1024 } }, /<rate bytes='1024' period='1000'/],
  ['nothing that helps', { devices: { rng: 'off', agent: 'off', balloon: 'off' } }, /<memballoon model='none'/],
  ['a NoCloud seed', { seed: SEED, disks: [DISK] }, /device='cdrom'>[^]*seed.iso'[^]*<readonly\/>/],
  ['a config drive', { seed: { ...SEED, format: 'config-2' }, machine: 'pc' }, /seed.iso/],
];

const REFUSED: [string, object, { kind: string; field: string }][] = [
  ["the host's own CPU without KVM", { cpu: { mode: 'host-passthrough' } }, { kind: 'unsupported', field: 'instance.cpu.mode' }],
  ['a CPU that nobody builds', { cpu: { mode: 'custom', model: 'Duck9000' } }, { kind: 'unsupported', field: 'instance.cpu.model' }],
  ['a host CPU that is not there', { cpuTune: { pins: [[16_000]] } }, { kind: 'unsupported', field: 'instance.cpuTune.pins[0]' }],
  ['shares in a session', { cpuTune: { shares: 512 } }, { kind: 'unsupported', field: 'instance.cpuTune.shares' }],
  [
    'a bridge that is not there',
    { interfaces: [{ kind: 'bridge', bridge: 'no-such-br' }] },
    { kind: 'precondition', field: 'instance.interfaces[0].bridge' },
  ],
];

describe('what a guest can be made of, on QEMU', () => {
  let bench: RealLibvirtBench;
  let connection: libvirt.virConnect;
  before(async () => {
    bench = await realLibvirtBench('qemu');
    connection = await libvirt.open(bench.uri);
  });
  after(async () => {
    await connection?.close();
    await bench?.close();
  });

  const spawned = async (t: TestContext, wish: object) => {
    const spec = InstanceSpec.parse({ id: randomUUID(), name: 'guest', vcpus: 1, memoryMiB: 32, ...wish });
    const deadline = () => Date.now() + 60_000;
    t.after(() => bench.driver.destroy(spec.id, { deadline: deadline() }));
    await bench.driver.spawn({ spec, start: {}, specHash: specHash(spec), generation: 1, requestId: 'r', deadline: deadline() });
    const xml = async (flags: number) => (await connection.lookupByUUIDString(spec.id)).XMLDesc(flags);
    const startAgain = async () => {
      await bench.driver.stop({ id: spec.id, key: randomUUID(), graceMs: 0, deadline: deadline() });
      await bench.driver.start({ id: spec.id, key: randomUUID(), start: {}, deadline: deadline() });
    };
    return { xml, startAgain };
  };

  for (const [name, wish, ...signs] of BOOTED) {
    test(`boots with ${name}`, async (t) => {
      const xml = await (await spawned(t, wish)).xml(0);
      for (const sign of signs) assert.match(xml, sign);
    });
  }

  for (const [name, wish, { kind, field }] of REFUSED) {
    test(`refuses ${name}`, (t) => assert.rejects(spawned(t, wish), { kind, details: { field, step: 'images' } }));
  }

  test('ports are left for what is plugged in later, and none more', async (t) => {
    const free = async (wish: object) => {
      const xml = await (await spawned(t, wish)).xml(0);
      const ports = [...xml.matchAll(/index='(\d+)' model='pcie-root-port'/g)].map((match) => Number(match[1]));
      const taken = new Set(
        [...xml.matchAll(/type='pci' domain='0x0000' bus='0x([0-9a-f]+)'/g)].map((match) => parseInt(match[1] ?? '', 16)),
      );
      return ports.filter((port) => !taken.has(port)).length;
    };
    const nics = [{ kind: 'user' }, { kind: 'user', model: 'e1000e' }, { kind: 'user', model: 'e1000' }];
    assert.equal(await free({}), 8);
    const many = { disks: [DISK, { ...DISK, bus: 'scsi' }], interfaces: nics, devices: { vnc: 'on', watchdog: 'none', pciePorts: 3 } };
    assert.equal(await free(many), 3);
  });

  test('what a guest was defined with stays, start after start', async (t) => {
    const { xml, startAgain } = await spawned(t, {
      firmware: 'uefi',
      memoryMiB: 128,
      disks: [DISK],
      interfaces: [{ kind: 'user' }],
      seed: SEED,
    });
    const hardware = async () => {
      const live = await xml(0);
      return [/<os .*<\/os>/s, /<cpu mode.*<\/cpu>/s]
        .flatMap((part) => part.exec(live) ?? [])
        .concat(live.match(/<(address|mac) .*/g) ?? []);
    };
    const [defined, had] = [await xml(INACTIVE), await hardware()];
    assert.match(defined, /machine='pc-q35-[\d.]+'/);
    await startAgain();
    assert.equal(await xml(INACTIVE), defined);
    assert.deepEqual(await hardware(), had);
  });
});
