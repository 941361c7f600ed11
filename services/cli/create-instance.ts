import { create } from '@bufbuild/protobuf';
import { readFile } from 'node:fs/promises';
import { text as textOf } from 'node:stream/consumers';
import type { Command } from 'commander';
import { InstanceSchema, type Instance } from '../common/proto/generated/novalet/compute/v1/instance_pb.js';
import { InstanceService } from '../common/proto/generated/novalet/compute/v1/instance_service_pb.js';
import {
  DiskSchema,
  InstanceSpecSchema,
  NetworkInterfaceSchema,
  SeedSchema,
} from '../common/proto/generated/novalet/compute/v1/instance_spec_pb.js';
import { addChangeOptions, change, changeFields, type ChangeOptions } from './change.js';
import { invalid } from './failure.js';
import { lastPart, PROJECT } from './resource-names.js';
import { messageFromJson } from './json.js';
import { addLeafOptions, onWorker } from './leaf.js';
import { fields, keyValue, several, sizeMiB, wholeNumber } from './option-values.js';
import { DISK_FIELDS, INTERFACE_FIELDS, diskOf, interfaceOf, type DiskFields, type InterfaceFields } from './spec-options.js';
import { addStartOptions, startOptions, type StartFlags } from './start-options.js';
import type { Surroundings } from './surroundings.js';

interface CreateOptions extends ChangeOptions, StartFlags {
  readonly file?: string;
  readonly id?: string;
  readonly generation?: number;
  readonly vcpus?: number;
  readonly memory?: number;
  readonly disk?: readonly DiskFields[];
  readonly interface?: readonly InterfaceFields[];
  readonly kernel?: string;
  readonly initrd?: string;
  readonly cmdline?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly hostname?: string;
  readonly sshKey?: readonly string[];
  readonly userData?: string;
}

export function addCreateInstance(group: Command, surroundings: Surroundings): void {
  const command = group
    .command('create [name]')
    .description('make an instance, and start its guest')
    .optionsGroup('Instance:')
    .option('-f, --file <file>', 'the instance in JSON (docs/cli.md); - is standard input; options come on top of it')
    .option('--id <uuid>', 'its id; the worker chooses one unless it is said')
    .option('--generation <number>', 'raise it to use an id again after its deletion', wholeNumber(1))
    .option('--vcpus <number>', 'virtual CPUs', wholeNumber(1, 4096))
    .option('--memory <size>', 'such as 2G; a number alone is in MiB', sizeMiB)
    .option(
      '--disk <fields>',
      `such as image=debian.qcow2,size=20G (${Object.keys(DISK_FIELDS).join(', ')}); once a disk`,
      several(fields(DISK_FIELDS)),
    )
    .option(
      '--interface <fields>',
      `such as kind=bridge,bridge=br0 (${Object.keys(INTERFACE_FIELDS).join(', ')}); once an interface`,
      several(fields(INTERFACE_FIELDS)),
    )
    .option('--kernel <file>', 'boot this kernel, a file of the host')
    .option('--initrd <file>', 'with this initial RAM disk')
    .option('--cmdline <words>', 'and this command line')
    .option('--metadata <key=value>', 'kept with it; may be given several times', keyValue)
    .option('--hostname <name>', "the guest's host name, for cloud-init")
    .option(
      '--ssh-key <key>',
      'a line of authorized_keys, for cloud-init; may be given several times',
      several((key: string) => key),
    )
    .option('--user-data <file>', 'for cloud-init');
  addStartOptions(command.optionsGroup('Start:'));
  addChangeOptions(command);
  addLeafOptions(command, surroundings.env).action(
    onWorker<CreateOptions>(surroundings, async (call, [name], options) => {
      const instance = await wantedInstance(name, options, surroundings.stdin);
      const id = options.id ?? (instance.uid || lastPart(instance.name));
      await change(
        call,
        InstanceService.method.createInstance,
        { parent: PROJECT, instanceId: id, instance, start: startOptions(options), ...changeFields(options) },
        options,
      );
    }),
  );
}

/** What the file says, and what the options say on top of it. */
async function wantedInstance(name: string | undefined, options: CreateOptions, stdin: Surroundings['stdin']): Promise<Instance> {
  const instance = await fromFile(options.file, stdin);
  instance.displayName = name ?? instance.displayName;
  if (instance.displayName === '') throw invalid('the instance has no name', 'novalet instance create NAME …, or displayName in the file.');
  instance.metadata = { ...instance.metadata, ...options.metadata };
  instance.generation = options.generation ?? instance.generation;
  instance.spec ??= create(InstanceSpecSchema);
  const { spec } = instance;
  const { vcpus, memory, disk, kernel, initrd, cmdline } = options;
  spec.vcpus = vcpus ?? spec.vcpus;
  spec.memoryMib = memory === undefined ? spec.memoryMib : BigInt(memory);
  spec.disks = disk?.map((one) => create(DiskSchema, diskOf(one))) ?? spec.disks;
  spec.interfaces = options.interface?.map((one) => create(NetworkInterfaceSchema, interfaceOf(one))) ?? spec.interfaces;
  spec.kernel = kernel ?? spec.kernel;
  spec.initrd = initrd ?? spec.initrd;
  spec.cmdline = cmdline ?? spec.cmdline;
  const { hostname, sshKey, userData } = options;
  if (hostname === undefined && sshKey === undefined && userData === undefined) return instance;
  spec.seed ??= create(SeedSchema);
  spec.seed.hostname = hostname ?? spec.seed.hostname;
  spec.seed.sshKeys = sshKey ? [...sshKey] : spec.seed.sshKeys;
  if (userData !== undefined) spec.seed.userData = await readText('--user-data', userData, stdin);
  return instance;
}

async function fromFile(file: string | undefined, stdin: Surroundings['stdin']): Promise<Instance> {
  if (file === undefined) return create(InstanceSchema);
  return messageFromJson(InstanceSchema, await readText('--file', file, stdin), file === '-' ? 'standard input' : file);
}

async function readText(option: string, file: string, stdin: Surroundings['stdin']): Promise<string> {
  try {
    return file === '-' ? await textOf(stdin) : await readFile(file, 'utf8');
  } catch (error) {
    throw invalid(`${option}: ${(error as Error).message}`);
  }
}
