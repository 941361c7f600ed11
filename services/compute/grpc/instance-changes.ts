import type { DescEnum, DescMessage, DescMethodUnary, Message, MessageShape } from '@bufbuild/protobuf';
import { durationMs, timestampMs, type Duration, type Timestamp } from '@bufbuild/protobuf/wkt';
import { createHash, randomUUID } from 'node:crypto';
import { ComputeError } from '../../common/errors.js';
import type { InstanceCommandType } from '../../common/messages/commands.js';
import type { InstanceService } from '../../common/proto/generated/novalet/compute/v1/instance_service_pb.js';
import {
  RebuiltDiskSchema,
  RebootInstanceRequest_ModeSchema,
  ResizeInstanceRequest_ModeSchema,
} from '../../common/proto/generated/novalet/compute/v1/instance_service_pb.js';
import {
  DiskSchema,
  ImageFormatSchema,
  InstanceSpecSchema,
  NetworkInterfaceSchema,
  RemoteImageSchema,
  SeedSchema,
  StartOptionsSchema,
  type ImageFormat,
  type RemoteImage,
} from '../../common/proto/generated/novalet/compute/v1/instance_spec_pb.js';
import { protoPath } from './field-path.js';
import { checkProject, instanceIdOf } from './names.js';
import { enumOf, toWords } from './words.js';

/** What a method asks for, in the words of the queue's commands. */
export interface Change {
  readonly type: InstanceCommandType;
  readonly instanceId: string;
  readonly body: Readonly<Record<string, unknown>>;
}

type Methods = typeof InstanceService.method;
/** Methods that change something. */
type ChangeMethod = {
  [K in keyof Methods]: Methods[K] extends DescMethodUnary
    ? MessageShape<Methods[K]['input']> extends { requestId: string }
      ? K
      : never
    : never;
}[keyof Methods];
type RequestOf<K extends ChangeMethod> = MessageShape<Methods[K]['input']>;

/** What a request says beside the instance. Absent values are left out of the command. */
type Rest = Readonly<Record<string, unknown>>;

const about =
  <R extends { readonly name: string; readonly generation: number }>(type: InstanceCommandType, rest: (request: R) => Rest = () => ({})) =>
  (request: R): Change => {
    const instanceId = instanceIdOf(request.name);
    const generation = request.generation === 0 ? undefined : request.generation;
    return { type, instanceId, body: given({ instance: { id: instanceId }, generation, ...rest(request) }) };
  };

/** Every method that changes an instance, and the command that it is. One that is missing does not compile. */
export const CHANGES: { readonly [K in ChangeMethod]: (request: RequestOf<K>) => Change } = {
  createInstance({ parent, instanceId: wanted, instance, validateOnly, start, requestId }) {
    checkProject(parent, 'parent');
    if (!instance) throw new ComputeError('invalid', 'the instance is missing', { field: 'instance' });
    const { displayName: name, metadata, spec, generation } = instance;
    const instanceId = wanted === '' ? chosenId(requestId) : wanted.toLowerCase();
    const wish = {
      id: instanceId,
      name,
      ...(spec && words(InstanceSpecSchema, spec, 'instance')),
      metadata: isEmpty(metadata) ? undefined : metadata,
    };
    const body = {
      instance: given(wish),
      generation: generation === 0 ? undefined : generation,
      start: start && words(StartOptionsSchema, start, 'start'),
      dryRun: validateOnly || undefined,
    };
    return { type: 'instance.spawn', instanceId, body: given(body) };
  },
  deleteInstance: about('instance.destroy'),
  startInstance: about('instance.start', ({ start }) => ({ start: start && words(StartOptionsSchema, start, 'start') })),
  stopInstance: about('instance.stop', ({ gracePeriod }) => ({ grace: seconds(gracePeriod) })),
  rebootInstance: about('instance.reboot', ({ mode, gracePeriod }) => ({
    mode: known(RebootInstanceRequest_ModeSchema, mode, 'mode'),
    grace: seconds(gracePeriod),
  })),
  pauseInstance: about('instance.pause'),
  unpauseInstance: about('instance.unpause'),
  suspendInstance: about('instance.suspend', ({ bypassCache }) => ({ bypassCache: bypassCache || undefined })),
  resumeInstance: about('instance.resume', ({ bypassCache }) => ({ bypassCache: bypassCache || undefined })),
  resizeInstance: about('instance.resize', ({ vcpus, memoryMib, disks, mode, gracePeriod }) => ({
    vcpus: vcpus || undefined,
    memoryMiB: Number(memoryMib) || undefined,
    disks: disks.length === 0 ? undefined : disks.map(({ device, sizeMib }) => ({ device, sizeMiB: Number(sizeMib) })),
    mode: known(ResizeInstanceRequest_ModeSchema, mode, 'mode'),
    grace: seconds(gracePeriod),
  })),
  rebuildInstance: about('instance.rebuild', ({ disks, seed, gracePeriod, ...request }) => ({
    disks: [
      ...(request.source.case ? [{ device: 'vda', ...imageOf(request) }] : []),
      ...disks.map((disk, index) => words(RebuiltDiskSchema, disk, `disks[${index}]`)),
    ],
    seed: seed && words(SeedSchema, seed, 'seed'),
    grace: seconds(gracePeriod),
  })),
  rescueInstance: about('instance.rescue', ({ gracePeriod, ...request }) => ({ ...imageOf(request), grace: seconds(gracePeriod) })),
  unrescueInstance: about('instance.unrescue', ({ gracePeriod }) => ({ grace: seconds(gracePeriod) })),
  setInstanceMetadata: about('instance.setMetadata', ({ metadata }) => ({ metadata })),
  attachDisk: about('instance.attachDisk', ({ device, disk }) => ({ disk: { device, ...(disk && words(DiskSchema, disk, 'disk')) } })),
  detachDisk: about('instance.detachDisk', ({ device, remove, gracePeriod }) => ({
    disk: { device },
    remove: remove || undefined,
    grace: seconds(gracePeriod),
  })),
  attachInterface: about('instance.attachInterface', ({ interface: nic }) => ({
    interface: nic ? words(NetworkInterfaceSchema, nic, 'interface') : {},
  })),
  detachInterface: about('instance.detachInterface', ({ mac, gracePeriod }) => ({ interface: { mac }, grace: seconds(gracePeriod) })),
  snapshotInstance: about('instance.snapshot', ({ imageName, device, quiesce }) => ({
    quiesce: quiesce || undefined,
    image: { name: imageName },
    disk: device === '' ? undefined : { device },
  })),
  setAdminPassword: about('instance.setAdminPassword', ({ user, password }) => ({ user: user === '' ? undefined : user, password })),
  quiesceInstance: about('instance.quiesce'),
  unquiesceInstance: about('instance.unquiesce'),
};

/** The same for every repetition of a request; in the form of a UUID of version 8. */
function chosenId(requestId: string): string {
  if (requestId === '') return randomUUID();
  const bytes = createHash('sha256').update(`instance of request ${requestId}`).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** When nobody wants it any more; milliseconds since the epoch. */
export function deadlineOf(deadline: Timestamp | undefined): number | undefined {
  if (deadline === undefined) return undefined;
  const ms = timestampMs(deadline);
  if (Math.abs(ms) <= 8.64e15) return ms;
  throw new ComputeError('invalid', 'this is no time', { field: 'deadline' });
}

function imageOf({
  source,
  imageFormat,
}: {
  source: { case: string | undefined; value?: string | RemoteImage | undefined };
  imageFormat: ImageFormat;
}): Rest {
  const image = typeof source.value === 'object' ? words(RemoteImageSchema, source.value, 'remote_image') : source.value;
  return given({ image, imageFormat: known(ImageFormatSchema, imageFormat, 'image_format') });
}

/** Whole seconds; what is less than one of them, or negative, is for the schema to refuse. */
function seconds(duration: Duration | undefined): number | undefined {
  return duration === undefined ? undefined : durationMs(duration) / 1000;
}

/** @param path where the message stands in the command, as its schema names it */
export function words(type: DescMessage, message: Message, path: string): Record<string, unknown> {
  return toWords(type, message, refuseUnknown, path);
}

function refuseUnknown(field: string): never {
  throw new ComputeError('invalid', `${protoPath(field)} has a value that this worker does not know`, { field });
}

function known(type: DescEnum, number: number, field: string): string | undefined {
  return enumOf(type, number, refuseUnknown, field);
}

function given(fields: Rest): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

const isEmpty = (value: object): boolean => Object.keys(value).length === 0;
