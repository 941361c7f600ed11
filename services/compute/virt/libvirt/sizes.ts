import { ComputeError } from '../../../common/errors.js';
import { attribute, child, childrenOf, type Definition, type Element, remove, setAttribute, setText, textOf } from './definition.js';

/** What a domain has by its XML. */
export interface Sizes {
  readonly vcpus: number;
  /** With what can be plugged in while it runs. */
  readonly maximumVcpus: number;
  readonly memoryKiB: number;
  /** What its balloon can give back. */
  readonly maximumMemoryKiB: number;
}

/** What is wanted; absent: as it is. */
export interface WantedSizes {
  readonly vcpus?: number | undefined;
  readonly memoryMiB?: number | undefined;
}

/** libvirt writes every amount in KiB. */
export function sizesOf({ root }: Definition): Sizes {
  const vcpu = child(root, 'vcpu');
  const maximumVcpus = Number(textOf(vcpu));
  const maximumMemoryKiB = Number(textOf(child(root, 'memory')));
  const current = child(root, 'currentMemory');
  return {
    vcpus: Number(attribute(vcpu, 'current') ?? maximumVcpus),
    maximumVcpus,
    memoryKiB: current ? Number(textOf(current)) : maximumMemoryKiB,
    maximumMemoryKiB,
  };
}

export function hasSizes(sizes: Sizes, { vcpus, memoryMiB }: WantedSizes): boolean {
  return (vcpus === undefined || sizes.vcpus === vcpus) && (memoryMiB === undefined || sizes.memoryKiB === memoryMiB * 1024);
}

/**
 * Rewrites the definition so that its next start has these sizes, and no others.
 * @param maxVcpus processors that the guest was wished to have room for while it runs
 */
export function setSizes({ root }: Definition, { vcpus, memoryMiB }: WantedSizes, maxVcpus: number): void {
  if (memoryMiB !== undefined) setMemory(root, memoryMiB * 1024);
  if (vcpus !== undefined) setVcpus(root, vcpus, Math.max(vcpus, maxVcpus));
}

function setMemory(root: Element, kib: number): void {
  for (const name of ['memory', 'currentMemory']) {
    const element = child(root, name);
    if (!element) continue;
    setText(element, String(kib));
    setAttribute(element, 'unit', 'KiB');
  }
}

function setVcpus(root: Element, vcpus: number, maximum: number): void {
  const vcpu = child(root, 'vcpu');
  if (!vcpu) throw new ComputeError('internal', 'libvirt gave a domain without vcpus');
  refuseNewPins(root, maximum);
  setText(vcpu, String(maximum));
  setAttribute(vcpu, 'current', vcpus === maximum ? undefined : String(vcpus));
  for (const each of childrenOf(root, 'vcpus')) remove(root, each); // libvirt makes them anew
  const topology = child(root, 'cpu', 'topology');
  if (topology) setTopology(topology, maximum);
}

/** The user's dies and threads where they still fit, else cores alone. */
function setTopology(topology: Element, vcpus: number): void {
  const of = (name: string) => Number(attribute(topology, name) ?? 1);
  const others = of('sockets') * of('dies') * of('clusters') * of('threads');
  const fits = vcpus % others === 0;
  setAttribute(topology, 'cores', String(fits ? vcpus / others : vcpus));
  if (fits) return;
  for (const name of ['sockets', 'dies', 'threads', 'clusters']) {
    if (attribute(topology, name) !== undefined) setAttribute(topology, name, '1');
  }
}

/** Nobody has said where more processors of a pinned guest belong. Those of processors that go are dropped. */
function refuseNewPins(root: Element, vcpus: number): void {
  const cputune = child(root, 'cputune');
  const pins = cputune ? childrenOf(cputune, 'vcpupin') : [];
  if (cputune && pins.length > 0 && pins.length < vcpus) {
    throw new ComputeError(
      'unsupported',
      `vcpus: the guest's processors are pinned to cores of the host, and there is no core for more than ${pins.length}; spawn it anew with the pins that it is to have`,
      { field: 'vcpus' },
    );
  }
  for (const pin of pins) if (cputune && Number(attribute(pin, 'vcpu')) >= vcpus) remove(cputune, pin);
}
