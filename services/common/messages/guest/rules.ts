import type { CpuSpec } from './cpu.js';
import type { Devices } from './devices.js';
import type { InterfaceSpec } from './interface.js';
import type { CpuTune, Hugepages } from './tuning.js';

/** The parts of a spec that have to fit each other. */
interface GuestParts {
  readonly vcpus: number;
  readonly maxVcpus?: number | undefined;
  readonly memoryMiB: number;
  readonly disks?: readonly { readonly bootOrder?: number | undefined; readonly serial?: string | undefined }[] | undefined;
  readonly interfaces?: readonly InterfaceSpec[] | undefined;
  readonly machine?: string | undefined;
  readonly firmware?: string | undefined;
  readonly secureBoot?: boolean | undefined;
  readonly cpu?: CpuSpec | undefined;
  readonly cpuTune?: CpuTune | undefined;
  readonly hugepages?: Hugepages | undefined;
  readonly iothreads?: number | undefined;
  readonly devices?: Devices | undefined;
}

interface Problem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What no single field can tell: parts that contradict each other. */
export function* guestProblems(spec: GuestParts): Generator<Problem> {
  const { vcpus, maxVcpus = vcpus } = spec;
  if (maxVcpus < vcpus) yield { path: ['maxVcpus'], message: `maxVcpus is ${maxVcpus}, and vcpus is ${vcpus}: it is at least that` };

  const { sockets = 1, dies = 1, cores = 1, threads = 1 } = spec.cpu?.topology ?? { cores: maxVcpus };
  const product = sockets * dies * cores * threads;
  const [field, most] = spec.maxVcpus === undefined ? ['vcpus', vcpus] : ['maxVcpus', maxVcpus];
  if (product !== most)
    yield { path: ['cpu', 'topology'], message: `sockets × dies × cores × threads is ${product}, and ${field} is ${most}` };

  const features = spec.cpu?.features ?? [];
  for (const [index, feature] of features.entries()) {
    const first = features.findIndex((other) => other.slice(1) === feature.slice(1));
    if (first < index)
      yield { path: ['cpu', 'features', index], message: `features[${first}] says something of ${feature.slice(1)} already` };
  }

  const pins = spec.cpuTune?.pins;
  if (pins && pins.length !== most)
    yield { path: ['cpuTune', 'pins'], message: `pins has ${pins.length} entries, and ${field} is ${most}: it needs one a vcpu` };
  if (spec.cpuTune?.iothreadPins && spec.iothreads === undefined)
    yield { path: ['cpuTune', 'iothreadPins'], message: 'iothreadPins needs iothreads' };

  const pageKiB = spec.hugepages?.pageSizeKiB;
  if (pageKiB !== undefined && (spec.memoryMiB * 1024) % pageKiB !== 0)
    yield { path: ['memoryMiB'], message: `memoryMiB is no whole number of pages of ${pageKiB} KiB` };

  if (spec.secureBoot && (spec.firmware !== 'uefi' || spec.machine === 'pc'))
    yield { path: ['secureBoot'], message: 'secureBoot needs firmware uefi and machine q35' };
  if (spec.devices?.pciePorts !== undefined && spec.machine === 'pc')
    yield { path: ['devices', 'pciePorts'], message: 'the machine pc has no PCIe: leave pciePorts out, or take q35' };
  if (spec.devices?.vnc === 'on' && spec.devices.video === 'none')
    yield { path: ['devices', 'video'], message: 'a screen for VNC needs a graphics adapter' };

  yield* repeated(spec.disks ?? [], 'disks', 'serial');
  yield* repeated(spec.interfaces ?? [], 'interfaces', 'mac');
  yield* repeatedOrder(spec);
}

function* repeated<K extends string>(
  items: readonly { readonly [key in K]?: string | undefined }[],
  list: string,
  key: K,
): Generator<Problem> {
  const seen = new Map<string, number>();
  for (const [index, item] of items.entries()) {
    const value = item[key];
    if (value === undefined) continue;
    const first = seen.get(value);
    if (first !== undefined) yield { path: [list, index, key], message: `${list}[${first}] has the same ${key}` };
    else seen.set(value, index);
  }
}

function* repeatedOrder({ disks = [], interfaces = [] }: GuestParts): Generator<Problem> {
  const seen = new Set<number>();
  for (const [list, items] of [
    ['disks', disks],
    ['interfaces', interfaces],
  ] as const) {
    for (const [index, { bootOrder }] of items.entries()) {
      if (bootOrder === undefined) continue;
      if (seen.has(bootOrder)) yield { path: [list, index, 'bootOrder'], message: `another device has the boot order ${bootOrder}` };
      seen.add(bootOrder);
    }
  }
}
