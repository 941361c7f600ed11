import { type DescMessage, type DescMethodUnary, type MessageInitShape } from '@bufbuild/protobuf';
import { durationFromMs } from '@bufbuild/protobuf/wkt';
import { Option, type Command } from 'commander';
import type { OperationSchema } from '../common/proto/generated/google/longrunning/operations_pb.js';
import {
  InstanceService,
  RebootInstanceRequest_Mode as RebootMode,
  ResizeInstanceRequest_Mode as ResizeMode,
} from '../common/proto/generated/novalet/compute/v1/instance_service_pb.js';
import { addChangeOptions, change, changeFields, type ChangeFields, type ChangeOptions } from './change.js';
import { Failure, invalid } from './failure.js';
import { findInstance } from './find-instance.js';
import { targetOfRequest } from './target-of-request.js';
import { addLeafOptions, onWorker } from './leaf.js';
import { fields, keyValue, sizeMiB, wholeNumber } from './option-values.js';
import { printable } from './printable.js';
import { readPassword } from './read-password.js';
import { DISK_FIELDS, INTERFACE_FIELDS, diskOf, interfaceOf, sourceOf, type DiskFields, type InterfaceFields } from './spec-options.js';
import { startOptions, addStartOptions, type StartFlags } from './start-options.js';
import type { Surroundings } from './surroundings.js';

const MAX_GRACE_SECONDS = 1200;
const METHODS = InstanceService.method;

/** A command that changes one instance that is there. */
interface Verb<I extends DescMessage, O> {
  readonly name: string;
  readonly about: string;
  readonly method: DescMethodUnary<I, typeof OperationSchema>;
  readonly args?: string;
  readonly options?: (command: Command) => void;
  /** Nothing that is called so is success. */
  readonly mayBeMissing?: (options: O) => boolean;
  /** What is this verb's own in its request. */
  readonly request?: (options: O, args: readonly (string | undefined)[], surroundings: Surroundings) => object | Promise<object>;
}

interface VerbOptions extends ChangeOptions {
  readonly etag?: string;
  readonly generation?: number;
}

interface Grace {
  readonly grace?: number;
}
const withGrace = (command: Command): Command =>
  command.option('--grace <seconds>', 'how long the guest has to do it itself; 0: not at all', wholeNumber(0, MAX_GRACE_SECONDS));
const gracePeriod = ({ grace }: Grace) => (grace === undefined ? {} : { gracePeriod: durationFromMs(grace * 1000) });

type ImageFlags = Pick<DiskFields, 'sha256' | 'format'>;
const withImage = (command: Command): Command =>
  command.option('--sha256 <digest>', 'of an image to fetch').option('--format <format>', 'that the image must have', DISK_FIELDS.format);

export function addInstanceVerbs(group: Command, surroundings: Surroundings): void {
  function verb<I extends DescMessage, O = unknown>({ name, about, method, args = '', options, request, mayBeMissing }: Verb<I, O>): void {
    const command = group.command(`${name} <instance>${args}`).description(about);
    options?.(command);
    addChangeOptions(command)
      .option('--etag <etag>', 'only if it is still as it was then')
      .option('--generation <number>', 'only if it is of this generation', wholeNumber(1));
    addLeafOptions(command, surroundings.env).action(
      onWorker<VerbOptions & O>(surroundings, async (call, [instance, ...more], given) => {
        const own = (await request?.(given, more, surroundings)) ?? {};
        const { etag, generation } = given;
        const found = await findInstance(call, instance).catch((error: unknown) => {
          if (!(error instanceof Failure) || error.report.kind !== 'not-found') throw error;
          return targetOfRequest(call, given.requestId).then((target) => {
            if (target === undefined && !mayBeMissing?.(given)) throw error;
            return target;
          });
        });
        if (found === undefined) return call.printer.value({}, () => `${printable(instance ?? '')} was not there\n`);
        const common = {
          name: found,
          ...(etag !== undefined && { etag }),
          ...(generation !== undefined && { generation }),
        };
        // Every request of a change has these fields; the compiler cannot see it over all of them.
        const message = { ...common, ...changeFields(given), ...own } as unknown as MessageInitShape<I> & ChangeFields;
        await change(call, method, message, given);
      }),
    );
  }

  verb<typeof METHODS.startInstance.input, StartFlags>({
    name: 'start',
    about: 'power the guest on',
    method: METHODS.startInstance,
    options: addStartOptions,
    request: (options) => ({ start: startOptions(options) }),
  });
  verb<typeof METHODS.stopInstance.input, Grace>({
    name: 'stop',
    about: 'power the guest off: ask it to, and switch it off when it does not',
    method: METHODS.stopInstance,
    options: withGrace,
    request: gracePeriod,
  });
  verb<typeof METHODS.rebootInstance.input, Grace & { readonly hard?: true }>({
    name: 'reboot',
    about: 'off and on again',
    method: METHODS.rebootInstance,
    options: (command) => withGrace(command).option('--hard', 'switch it off without asking it'),
    request: (options) => ({ ...gracePeriod(options), mode: options.hard ? RebootMode.HARD : RebootMode.SOFT }),
  });
  verb({ name: 'pause', about: "have the guest's processors stand still", method: METHODS.pauseInstance });
  verb({ name: 'unpause', about: "have the guest's processors go on", method: METHODS.unpauseInstance });
  const withBypass = (command: Command): Command => command.option('--bypass-cache', "avoid the host's file system cache");
  const bypass = ({ bypassCache = false }: { readonly bypassCache?: boolean }) => ({ bypassCache });
  verb<typeof METHODS.suspendInstance.input, { readonly bypassCache?: boolean }>({
    name: 'suspend',
    about: "write the guest's memory to the host's disk and end it",
    method: METHODS.suspendInstance,
    options: withBypass,
    request: bypass,
  });
  verb<typeof METHODS.resumeInstance.input, { readonly bypassCache?: boolean }>({
    name: 'resume',
    about: 'start a suspended guest from its memory',
    method: METHODS.resumeInstance,
    options: withBypass,
    request: bypass,
  });
  interface ResizeFlags extends Grace {
    readonly vcpus?: number;
    readonly memory?: number;
    readonly disk?: Readonly<Record<string, string>>;
    readonly mode?: 'auto' | 'live' | 'cold';
  }
  verb<typeof METHODS.resizeInstance.input, ResizeFlags>({
    name: 'resize',
    about: 'give it other sizes: targets, not differences',
    method: METHODS.resizeInstance,
    options: (command) =>
      withGrace(command)
        .option('--vcpus <number>', 'virtual CPUs', wholeNumber(1, 4096))
        .option('--memory <size>', 'such as 2G; a number alone is in MiB', sizeMiB)
        .option('--disk <device=size>', 'such as vda=40G; may be given several times', keyValue)
        .addOption(
          new Option('--mode <mode>', 'live: as it runs, or not at all; cold: it stops and starts').choices(['auto', 'live', 'cold']),
        ),
    request: ({ vcpus, memory, disk, mode = 'auto', ...more }) => {
      if (vcpus === undefined && memory === undefined && disk === undefined) {
        throw invalid('which size?', 'Give --vcpus, --memory, --disk, or several of them.');
      }
      return {
        ...gracePeriod(more),
        ...(vcpus !== undefined && { vcpus }),
        ...(memory !== undefined && { memoryMib: BigInt(memory) }),
        disks: Object.entries(disk ?? {}).map(([device, size]) => ({ device, sizeMib: BigInt(sizeMiB(size)) })),
        mode: { auto: ResizeMode.AUTO, live: ResizeMode.LIVE, cold: ResizeMode.COLD }[mode],
      };
    },
  });
  const fromImage: Pick<Verb<DescMessage, Grace & ImageFlags>, 'args' | 'options' | 'request'> = {
    args: ' <image>',
    options: (command) => withGrace(withImage(command)),
    request: ({ sha256, format, ...more }, [image = '']) => ({ ...gracePeriod(more), ...sourceOf(image, sha256, format) }),
  };
  verb<typeof METHODS.rebuildInstance.input, Grace & ImageFlags>({
    name: 'rebuild',
    about: 'make its root disk anew from an image; what was on it is lost',
    method: METHODS.rebuildInstance,
    ...fromImage,
  });
  verb<typeof METHODS.rescueInstance.input, Grace & ImageFlags>({
    name: 'rescue',
    about: 'boot it from a rescue image, with its own disk as a second one',
    method: METHODS.rescueInstance,
    ...fromImage,
  });
  verb<typeof METHODS.unrescueInstance.input, Grace>({
    name: 'unrescue',
    about: 'bring it back to what it was before its rescue',
    method: METHODS.unrescueInstance,
    options: withGrace,
    request: gracePeriod,
  });
  verb<typeof METHODS.snapshotInstance.input, { readonly device?: string }>({
    name: 'snapshot',
    about: "make an image of a disk, in the host's directory for snapshots",
    method: METHODS.snapshotInstance,
    args: ' <image-name>',
    options: (command) => command.option('--device <device>', 'which disk; vda unless it is said'),
    request: ({ device = '' }, [imageName]) => ({ imageName, device }),
  });
  verb<typeof METHODS.attachDisk.input, { readonly disk?: DiskFields }>({
    name: 'attach-disk',
    about: 'make a disk and plug it in',
    method: METHODS.attachDisk,
    args: ' <device>',
    options: (command) =>
      command.option(
        '--disk <fields>',
        `such as size=20G or image=data.qcow2,bus=scsi (${Object.keys(DISK_FIELDS).join(', ')})`,
        fields(DISK_FIELDS),
      ),
    request: ({ disk }, [device]) => {
      if (!disk) throw invalid('which disk?', 'Give --disk size=20G, or --disk image=FILE.');
      return { device, disk: diskOf(disk) };
    },
  });
  verb<typeof METHODS.detachDisk.input, Grace & { readonly remove?: boolean }>({
    name: 'detach-disk',
    about: 'unplug a disk that was attached',
    method: METHODS.detachDisk,
    args: ' <device>',
    options: (command) => withGrace(command).option('--remove', 'take its file away, with all that is on it'),
    request: ({ remove = false, ...more }, [device]) => ({ ...gracePeriod(more), device, remove }),
  });
  verb<typeof METHODS.attachInterface.input, { readonly interface?: InterfaceFields }>({
    name: 'attach-interface',
    about: 'plug a network interface in',
    method: METHODS.attachInterface,
    options: (command) =>
      command.option(
        '--interface <fields>',
        `such as kind=bridge,bridge=br0,mac=52:54:00:12:34:56 (${Object.keys(INTERFACE_FIELDS).join(', ')})`,
        fields(INTERFACE_FIELDS),
      ),
    request: (options) => {
      if (!options.interface) throw invalid('which interface?', 'Give --interface kind=bridge,bridge=br0,mac=52:54:00:12:34:56.');
      return { interface: interfaceOf(options.interface) };
    },
  });
  verb<typeof METHODS.detachInterface.input, Grace>({
    name: 'detach-interface',
    about: 'unplug a network interface, by its address',
    method: METHODS.detachInterface,
    args: ' <mac>',
    options: withGrace,
    request: (options, [mac]) => ({ ...gracePeriod(options), mac }),
  });
  verb({
    name: 'set-metadata',
    about: 'replace all of its metadata; none given: there is none afterwards',
    method: METHODS.setInstanceMetadata,
    args: ' [key=value...]',
    request: (_options, [pairs]) => ({
      metadata: [pairs ?? []].flat().reduce((all: Readonly<Record<string, string>>, pair) => keyValue(pair, all), {}),
    }),
  });
  verb<typeof METHODS.setAdminPassword.input, { readonly user?: string }>({
    name: 'set-password',
    about: 'set a password in the guest, by its agent; it is read from the terminal or from standard input',
    method: METHODS.setAdminPassword,
    options: (command) => command.option('--user <name>', 'whose; root unless it is said'),
    request: async ({ user = '' }, _args, around) => ({ user, password: await readPassword(around) }),
  });
  verb({ name: 'quiesce', about: "have the guest's file systems stand still, by its agent", method: METHODS.quiesceInstance });
  verb({ name: 'unquiesce', about: "have the guest's file systems go on", method: METHODS.unquiesceInstance });
  verb<typeof METHODS.deleteInstance.input, { readonly allowMissing?: boolean }>({
    name: 'delete',
    about: 'take it away: its guest, its definition and its disks',
    method: METHODS.deleteInstance,
    options: (command) => command.option('--allow-missing', 'one that is not there is success'),
    request: ({ allowMissing = false }) => ({ allowMissing }),
    mayBeMissing: ({ allowMissing = false }) => allowMissing,
  });
}
