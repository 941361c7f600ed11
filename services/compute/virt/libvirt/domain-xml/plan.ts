import type { InstanceMarks } from '../metadata.js';

export type VirtType = 'kvm' | 'qemu' | 'test';

/** What the guest is made of, once every file has a real place. */
export interface DomainPlan extends InstanceMarks {
  readonly virtType: VirtType;
  /** qcow2 files of the instance in order: vda, vdb, … */
  readonly diskFiles: readonly string[];
  readonly kernelFile?: string;
  readonly initrdFile?: string;
  /** The CD that the guest configures itself from. */
  readonly seedFile?: string;
  /** Where the first serial port is logged. */
  readonly consoleLog: string;
  /** Address that VNC listens at; absent: 127.0.0.1. */
  readonly vncListen?: string;
  /** Hyper-V enlightenments that the host has; absent: nobody knows, and the usual ones are asked for. */
  readonly hyperv?: ReadonlySet<string>;
}

/** libvirt's test driver takes what is asked for, and has no defaults of ours: it knows no machines. */
export const onQemu = ({ virtType }: Pick<DomainPlan, 'virtType'>): boolean => virtType !== 'test';

/** The modern machine of each architecture; elsewhere libvirt chooses. */
const MACHINES: Readonly<Partial<Record<NodeJS.Architecture, string>>> = { x64: 'q35', arm64: 'virt' };

/** The machine by libvirt's name; undefined: libvirt's choice. libvirt notes the version that it stands for in the domain, where it stays. */
export function machineOf(spec: { readonly machine?: string | undefined }): string | undefined {
  return process.arch === 'x64' ? (spec.machine ?? MACHINES.x64) : MACHINES[process.arch];
}
