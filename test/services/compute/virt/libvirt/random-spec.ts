import { createHash } from 'node:crypto';
import { InstanceSpec } from '../../../../../services/common/messages/instance-spec.js';

/** Numbers that look random and are the same for the same seed. */
export function seededRandom(seed: string): () => number {
  let count = 0;
  return () => createHash('sha256').update(`${seed}/${count++}`).digest().readUInt32BE(0) / 2 ** 32;
}

/** Some spec, with any of its fields in any company that the schema lets stand together. */
export function randomSpec(seed: string): InstanceSpec {
  const random = seededRandom(seed);
  const int = (min: number, max: number) => min + Math.floor(random() * (max - min + 1));
  const one = <T>(...of: readonly T[]): T => of[int(0, of.length - 1)] as T;
  const maybe = <T extends object>(make: () => T): T | Record<string, never> => (random() < 0.5 ? make() : {});
  const list = <T>(max: number, make: (index: number) => T): T[] => Array.from({ length: int(0, max) }, (_, i) => make(i));
  const word = () => one('a"><x/>&', ']]>--<!--', '🦆', '  spaces ', "it's", 'plain');

  const vcpus = int(1, 8);
  const room: { maxVcpus?: number } = maybe(() => ({ maxVcpus: vcpus + int(0, 4) }));
  const { maxVcpus: most = vcpus } = room;
  const machine = one('q35', 'pc');
  const firmware = one('bios', 'uefi');
  const iothreads = maybe(() => ({ iothreads: int(1, 4) }));
  const cpus = () => [...new Set([int(0, 63), int(0, 63), int(0, 63)])];
  const rate = () => ({
    averageKiBPerSecond: int(1, 1000),
    ...maybe(() => ({ peakKiBPerSecond: int(1000, 2000) })),
    ...maybe(() => ({ burstKiB: 64 })),
  });
  const orders = maybe(() => ({ by: 'device' })).by !== undefined;
  let order = 0;
  const bootOrder = () => (orders ? { bootOrder: ++order } : {});

  const disk = (index: number) => ({
    sizeMiB: int(1, 99),
    ...maybe(() => ({ bus: one('virtio', 'scsi', 'sata') })),
    ...one({}, { cache: 'none', io: 'native' }, { cache: 'directsync' }, { cache: 'unsafe', io: 'io_uring' }, { io: 'threads' }),
    ...maybe(() => ({ discard: one('unmap', 'ignore') })),
    ...maybe(() => ({ serial: `serial-${index}` })),
    ...maybe(() => ({
      limits: one<object>(
        { totalBytesPerSecond: 1_000_000, totalBytesPerSecondBurst: 2_000_000, readOperationsPerSecond: 100, operationBytes: 4096 },
        { readBytesPerSecond: 1_000_000, writeBytesPerSecond: 1_000_000, totalOperationsPerSecond: 10, totalOperationsPerSecondBurst: 20 },
        {
          writeOperationsPerSecond: 10,
          readOperationsPerSecond: 10,
          readOperationsPerSecondBurst: 10,
          writeBytesPerSecond: 5,
          writeBytesPerSecondBurst: 6,
        },
      ),
    })),
    ...bootOrder(),
  });

  const queued = () => maybe(() => ({ queues: int(1, 8), model: 'virtio' }));
  const band = () => maybe(() => ({ bandwidth: { ...maybe(() => ({ inbound: rate() })), ...maybe(() => ({ outbound: rate() })) } }));
  const mtu = () => maybe(() => ({ mtu: int(68, 9000) }));
  const vlan = () => maybe(() => ({ vlan: int(1, 4094) }));
  const nic = (index: number) => ({
    ...maybe(() => ({ model: one('virtio', 'e1000e', 'e1000', 'rtl8139') })),
    ...one<() => object>(
      () => ({ kind: 'bridge', bridge: 'br0', ...mtu(), ...queued(), ...band() }),
      () => ({ kind: 'network', network: 'default', portgroup: 'fast', ...vlan(), ...mtu(), ...queued(), ...band() }),
      () => ({ kind: 'ovs', bridge: 'br-int', interfaceId: '66666666-6666-6666-6666-666666666666', ...vlan(), ...mtu(), ...queued() }),
      () => ({ kind: 'tap', device: `tap${index}`, ...mtu(), ...queued(), ...band() }),
      () => ({ kind: 'macvtap', device: 'eth0', mode: one('bridge', 'vepa', 'private', 'passthrough'), ...queued(), ...band() }),
      () => ({ kind: 'user' }),
      () => ({ kind: 'passt' }),
    )(),
    ...maybe(() => ({ mac: `52:54:00:00:00:0${index}` })),
    ...maybe(() => ({ linkState: one('up', 'down') })),
    ...bootOrder(),
  });

  const onOff = () => one('on', 'off');
  const vnc = onOff();
  return InstanceSpec.parse({
    id: '0b1f3c5e-1d2c-4b5a-9e8f-7a6b5c4d3e2f',
    name: word(),
    vcpus,
    ...room,
    memoryMiB: 2048,
    metadata: { key: word() },
    disks: list(5, disk),
    interfaces: list(4, nic),
    machine,
    firmware,
    ...maybe(() => ({ secureBoot: firmware === 'uefi' && machine === 'q35' })),
    ...maybe(() => ({ osType: one('linux', 'windows') })),
    ...maybe(() => ({ kernel: 'k', initrd: 'i', cmdline: word() })),
    ...maybe(() => ({
      cpu: {
        ...one({}, { mode: 'custom', model: 'Skylake-Server' }, { mode: 'host-passthrough' }, { mode: 'maximum' }),
        ...maybe(() => ({ features: ['+aes', '-hle'] })),
        ...maybe(() => ({ topology: { [one('sockets', 'dies', 'cores', 'threads')]: most } })),
      },
    })),
    ...iothreads,
    ...maybe(() => ({
      cpuTune: {
        ...maybe(() => ({ shares: 512 })),
        ...maybe(() => ({ quotaMicroseconds: 50_000, ...maybe(() => ({ periodMicroseconds: 100_000 })) })),
        ...maybe(() => ({ pins: Array.from({ length: most }, cpus) })),
        ...maybe(() => ({ emulatorPins: cpus() })),
        ...('iothreads' in iothreads ? { iothreadPins: cpus() } : {}),
      },
    })),
    ...maybe(() => ({ hugepages: { pageSizeKiB: one(2048, 1_048_576) } })),
    ...maybe(() => ({ pmu: onOff() })),
    ...maybe(() => ({ hideKvm: true })),
    ...maybe(() => ({ vmcoreinfo: true })),
    devices: {
      ...maybe(() => ({ agent: onOff() })),
      ...one({ rng: 'off' }, { rng: 'on', rngBytesPerSecond: 1024 }, { rngBytesPerSecond: 1 }, {}),
      ...maybe(() => ({ balloon: onOff() })),
      vnc,
      ...maybe(() => ({ video: one('virtio', 'vga', 'bochs', vnc === 'on' ? 'virtio' : 'none') })),
      ...maybe(() => ({ watchdog: one('reset', 'poweroff', 'pause', 'none') })),
      ...(machine === 'q35' ? maybe(() => ({ pciePorts: int(1, 20) })) : {}),
    },
    ...maybe(() => ({ seed: { hostname: 'guest' } })),
  });
}
