import { XMLBuilder } from 'fast-xml-parser';
import type { InstanceSpec } from '../../../common/messages/instance-spec.js';
import { marksElement, type InstanceMarks } from './metadata.js';

export type VirtType = 'kvm' | 'qemu' | 'test';

/** What the guest is made of, once every file has a real place. */
export interface DomainPlan extends InstanceMarks {
  readonly virtType: VirtType;
  /** qcow2 files of the instance in order: vda, vdb, … */
  readonly diskFiles: readonly string[];
  readonly kernelFile?: string;
  readonly initrdFile?: string;
  /** Where the first serial port is logged. */
  readonly consoleLog: string;
}

/** QEMU's cache of translated code is 1 GiB by default: many small guests would not fit their host. */
const TB_CACHE_MIB = 32;
/** Seconds between two readings of the balloon, which feed memory metrics. */
const BALLOON_PERIOD_SECONDS = 10;
/** The modern machine of each architecture; elsewhere libvirt chooses. */
const MACHINES: Readonly<Partial<Record<NodeJS.Architecture, string>>> = { x64: 'q35', arm64: 'virt' };

const builder = new XMLBuilder({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  suppressBooleanAttributes: false,
  suppressEmptyNode: true,
  processEntities: true,
});

export function domainName(id: string): string {
  return `novalet-${id}`;
}

/** The libvirt domain for an instance. Everything that a user supplied is escaped by the builder. */
export function domainXml(plan: DomainPlan): string {
  const { spec, virtType } = plan;
  const onQemu = virtType !== 'test';
  return builder.build({
    domain: {
      '@type': virtType,
      name: domainName(spec.id),
      uuid: spec.id,
      title: spec.name,
      metadata: marksElement(plan),
      memory: { '@unit': 'MiB', '#text': spec.memoryMiB },
      vcpu: spec.vcpus,
      ...(onQemu && { sysinfo: sysinfo(spec) }),
      os: os(plan, onQemu),
      ...(onQemu && { features: features(virtType), cpu: cpu(plan) }),
      clock: { '@offset': 'utc' },
      on_poweroff: 'destroy',
      on_reboot: 'restart',
      on_crash: 'destroy',
      devices: { disk: plan.diskFiles.map(disk), ...(onQemu && qemuDevices(plan)) },
    },
  });
}

/** cloud-init and people in the guest read the instance id from here. */
function sysinfo(spec: InstanceSpec) {
  const entry = (name: string, value: string) => ({ '@name': name, '#text': value });
  const system = [entry('manufacturer', 'novalet'), entry('product', 'novalet instance'), entry('serial', spec.id), entry('uuid', spec.id)];
  return { '@type': 'smbios', system: { entry: [...system, entry('family', 'Virtual Machine')] } };
}

function os({ kernelFile, initrdFile, spec, diskFiles }: DomainPlan, onQemu: boolean) {
  const machine = MACHINES[process.arch];
  return {
    type: { ...(onQemu && machine && { '@machine': machine }), '#text': 'hvm' },
    ...(kernelFile !== undefined && { kernel: kernelFile }),
    ...(initrdFile !== undefined && { initrd: initrdFile }),
    ...(spec.cmdline !== undefined && { cmdline: spec.cmdline }),
    ...(diskFiles.length > 0 && { boot: { '@dev': 'hd' } }),
    ...(onQemu && { smbios: { '@mode': 'sysinfo' } }),
  };
}

function features(virtType: VirtType) {
  const tcg = { 'tb-cache': { '@unit': 'MiB', '#text': TB_CACHE_MIB } };
  return { acpi: {}, apic: {}, ...(virtType === 'qemu' && { tcg }) };
}

/** One socket, because guests that count sockets charge for them. Under TCG everything that it can emulate. */
function cpu({ virtType, spec }: DomainPlan) {
  const topology = { '@sockets': 1, '@dies': 1, '@cores': spec.vcpus, '@threads': 1 };
  return { '@mode': virtType === 'kvm' ? 'host-model' : 'maximum', topology };
}

function disk(file: string, index: number) {
  return {
    '@type': 'file',
    '@device': 'disk',
    driver: { '@name': 'qemu', '@type': 'qcow2', '@discard': 'unmap' },
    source: { '@file': file },
    target: { '@dev': `vd${String.fromCharCode('a'.charCodeAt(0) + index)}`, '@bus': 'virtio' },
  };
}

function qemuDevices({ consoleLog }: DomainPlan) {
  return {
    controller: { '@type': 'usb', '@model': 'none' },
    serial: { '@type': 'pty', log: { '@file': consoleLog, '@append': 'off' } },
    channel: { '@type': 'unix', target: { '@type': 'virtio', '@name': 'org.qemu.guest_agent.0' } },
    video: { model: { '@type': 'none' } },
    rng: { '@model': 'virtio', backend: { '@model': 'random', '#text': '/dev/urandom' } },
    memballoon: { '@model': 'virtio', '@autodeflate': 'on', stats: { '@period': BALLOON_PERIOD_SECONDS } },
  };
}
