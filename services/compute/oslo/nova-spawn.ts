import { ComputeError } from '../../common/errors.js';
import { bounded } from '../bounded.js';
import type { Json } from './envelope.js';
import { disksOf } from './nova-disks.js';
import { interfacesOf, type Bridges } from './nova-interfaces.js';
import { fieldsOf, instanceOf, membersOf, numberOf, sizeOf, textOf, truthOf } from './nova-object.js';

/** All that a build says about its guest, read from wherever this nova puts it. */
export interface NovaBuild {
  readonly args: Json;
  readonly instance: Json;
  readonly flavor: Json;
  readonly image: Json;
  /** Of the image, by nova's names, such as hw_disk_bus. */
  readonly properties: Json;
  /** Of the flavor, such as hw:cpu_policy. */
  readonly extraSpecs: Json;
}

/**
 * The spec of a `build_and_run_instance`, as any other door would be told it: the same wish has the same hash. What is undefined is not there in
 * its JSON, which still goes through the schema.
 * @throws ComputeError unsupported for what needs Cinder, Neutron, Cyborg or a scheduler's choice of devices
 */
export function spawnOf(args: Json, bridges: Bridges): Record<string, unknown> {
  const build = readBuild(args);
  const { instance, flavor } = build;
  refuseWhatIsElsewhere(build);
  return {
    instance: {
      id: textOf(instance, 'uuid'),
      name: textOf(instance, 'display_name') ?? textOf(instance, 'hostname') ?? textOf(instance, 'uuid'),
      vcpus: sizeOf(flavor, instance, 'vcpus'),
      memoryMiB: sizeOf(flavor, instance, 'memory_mb'),
      disks: disksOf(build),
      interfaces: interfacesOf(build, bridges),
      ...hardwareOf(build),
      seed: seedOf(instance),
      ...kernelOf(build),
      metadata: metadataOf(instance),
    },
  };
}

function readBuild(args: Json): NovaBuild {
  const instance = instanceOf(args);
  const requestSpec = fieldsOf(args['request_spec']) ?? {};
  const flavor = fieldsOf(instance['flavor']) ?? fieldsOf(requestSpec['flavor']) ?? {};
  const image = fieldsOf(args['image']) ?? fieldsOf(requestSpec['image']) ?? {};
  const remembered = Object.entries(fieldsOf(instance['system_metadata']) ?? {})
    .filter(([key]) => key.startsWith('image_'))
    .map(([key, value]) => [key.slice('image_'.length), value] as const);
  const properties = { ...Object.fromEntries(remembered), ...fieldsOf(image['properties']) };
  return { args, instance, flavor, image, properties, extraSpecs: fieldsOf(flavor['extra_specs']) ?? {} };
}

/** Better refused than built without: a guest that lacks what its owner asked for is found out late. */
function refuseWhatIsElsewhere({ args, instance, extraSpecs }: NovaBuild): void {
  const refuse = (what: string): never => {
    throw new ComputeError('unsupported', `build_and_run_instance: ${what}`);
  };
  if (membersOf(args['injected_files']).length > 0 || (Array.isArray(args['injected_files']) && args['injected_files'].length > 0))
    refuse('injected files are not written into a guest; use user data');
  if (Array.isArray(args['accel_uuids']) && args['accel_uuids'].length > 0) refuse('accelerators need Cyborg, which is not spoken to');
  if (membersOf(fieldsOf(instance['pci_requests'])?.['requests']).length > 0 || extraSpecs['pci_passthrough:alias'] !== undefined)
    refuse('PCI devices of the host are not handed out');
  const policy = extraSpecs['hw:cpu_policy'];
  if (policy === 'dedicated' || policy === 'mixed')
    refuse(`hw:cpu_policy ${policy} leaves the choice of CPUs to the host; say which by instance.spawn (cpuTune.pins)`);
}

function hardwareOf({ instance, flavor, properties, extraSpecs }: NovaBuild): object {
  const machine = textOf(properties, 'hw_machine_type');
  const secureBoot = (textOf(extraSpecs, 'os:secure_boot') ?? textOf(properties, 'os_secure_boot')) === 'required';
  const windows = (textOf(properties, 'os_type') ?? textOf(instance, 'os_type')) === 'windows';
  const pmu = textOf(extraSpecs, 'hw:pmu') ?? properties['hw_pmu'];
  return {
    machine: secureBoot || machine?.includes('q35') ? 'q35' : machine?.startsWith('pc') ? 'pc' : undefined,
    firmware: secureBoot || textOf(properties, 'hw_firmware_type') === 'uefi' ? 'uefi' : undefined,
    secureBoot: secureBoot || undefined,
    osType: windows ? 'windows' : undefined,
    cpu: topologyOf(sizeOf(flavor, instance, 'vcpus'), properties, extraSpecs),
    hugepages: hugepagesOf(textOf(extraSpecs, 'hw:mem_page_size') ?? textOf(properties, 'hw_mem_page_size')),
    pmu: pmu === undefined || pmu === null ? undefined : truthOf({ pmu }, 'pmu') ? 'on' : 'off',
    hideKvm: truthOf(extraSpecs, 'hide_hypervisor_id') || truthOf(properties, 'img_hide_hypervisor_id') || undefined,
  };
}

/** What was asked for, if it makes up the vcpus; nova, too, takes it for a preference. */
function topologyOf(vcpus: number | undefined, properties: Json, extraSpecs: Json): object | undefined {
  const wanted = (part: string): number | undefined => numberOf(extraSpecs, `hw:cpu_${part}`) ?? numberOf(properties, `hw_cpu_${part}`);
  const [sockets, cores, threads] = [wanted('sockets'), wanted('cores'), wanted('threads')];
  if (vcpus === undefined || (sockets ?? cores ?? threads) === undefined) return undefined;
  const rest = vcpus / ((sockets ?? 1) * (cores ?? 1) * (threads ?? 1));
  const topology =
    sockets === undefined
      ? { sockets: rest, cores: cores ?? 1, threads: threads ?? 1 }
      : { sockets, cores: cores ?? rest, threads: threads ?? 1 };
  const fits = topology.sockets * topology.cores * topology.threads === vcpus;
  return fits && Number.isInteger(topology.sockets) && Number.isInteger(topology.cores) ? { topology } : undefined;
}

const KIB_IN: Readonly<Record<string, number>> = { '': 1, KB: 1, MB: 1024, GB: 1024 ** 2 };

function hugepagesOf(size: string | undefined): object | undefined {
  if (size === undefined || size === 'small' || size === 'any') return undefined;
  if (size === 'large') return { pageSizeKiB: 2048 };
  const [, count, unit = ''] = /^(\d{1,9})(KB|MB|GB)?$/.exec(size) ?? [];
  const factor = KIB_IN[unit];
  if (count === undefined || factor === undefined)
    throw new ComputeError(
      'invalid',
      `build_and_run_instance: hw:mem_page_size is ${bounded(size, 40)}; wanted: small, large, any, or such as 2MB`,
    );
  const pageSizeKiB = Number(count) * factor;
  return pageSizeKiB === 4 ? undefined : { pageSizeKiB };
}

/** As nova's config drive says it; there is no metadata service, so whoever has something to tell gets a drive. */
function seedOf(instance: Json): object | undefined {
  const encoded = textOf(instance, 'user_data');
  const key = textOf(instance, 'key_data')?.trim();
  if (!truthOf(instance, 'config_drive') && encoded === undefined && key === undefined) return undefined;
  return {
    format: 'config-2',
    hostname: textOf(instance, 'hostname'),
    sshKeys: key === undefined || key === '' ? undefined : [key],
    userData: encoded === undefined ? undefined : decoded(encoded),
  };
}

function decoded(userData: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(userData, 'base64'));
  } catch {
    throw new ComputeError('invalid', 'instance.user_data: no text in UTF-8 behind its base64', { field: 'instance.user_data' });
  }
}

function kernelOf({ instance, properties }: NovaBuild): object {
  const kernel = textOf(instance, 'kernel_id');
  if (kernel === undefined) return {};
  return { kernel, initrd: textOf(instance, 'ramdisk_id'), cmdline: textOf(properties, 'os_command_line') };
}

/** Nova's keys may hold spaces; what ours cannot hold becomes an underscore. */
function metadataOf(instance: Json): object | undefined {
  const entries = Object.entries(fieldsOf(instance['metadata']) ?? {}).map(([key, value]) => [
    key.replace(/[^A-Za-z0-9_.:/-]/g, '_'),
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return entries.length === 0 ? undefined : (Object.fromEntries(entries) as object);
}
