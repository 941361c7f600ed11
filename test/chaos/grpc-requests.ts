import type { DescMethodUnary, MessageShape } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import type { CommandType } from '../../services/common/messages/commands.js';
import { InstanceService, RebuiltDiskSchema } from '../../services/common/proto/generated/novalet/compute/v1/instance_service_pb.js';
import {
  DiskSchema,
  InstanceSpecSchema,
  NetworkInterfaceSchema,
  RemoteImageSchema,
  StartOptionsSchema,
} from '../../services/common/proto/generated/novalet/compute/v1/instance_spec_pb.js';
import { fromWords } from '../../services/compute/grpc/words.js';
import { nameOf } from '../support/api-client.js';

type Words = Readonly<Record<string, unknown>>;
type Fields = Record<string, unknown>;
/** Whatever the plan made. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the schemas have checked it on the queue's way
type Body = Readonly<Record<string, any>>;

const { method } = InstanceService;
const gracePeriod = ({ grace }: Body): Fields => (grace === undefined ? {} : { gracePeriod: { seconds: BigInt(grace as number) } });
const start = ({ start: options }: Body): Fields =>
  options === undefined ? {} : { start: fromWords(StartOptionsSchema, options as Words) };
const nothing = (): Fields => ({});

/** What a request says beside which instance, from the words of the queue's command. */
const ABOUT: Partial<Readonly<Record<CommandType, readonly [DescMethodUnary, (body: Body) => Fields]>>> = {
  'instance.destroy': [method.deleteInstance, () => ({ allowMissing: true })],
  'instance.start': [method.startInstance, start],
  'instance.stop': [method.stopInstance, gracePeriod],
  'instance.reboot': [method.rebootInstance, (body) => ({ ...gracePeriod(body), mode: body['mode'] === 'hard' ? 2 : 1 })],
  'instance.pause': [method.pauseInstance, nothing],
  'instance.unpause': [method.unpauseInstance, nothing],
  'instance.suspend': [method.suspendInstance, nothing],
  'instance.resume': [method.resumeInstance, nothing],
  'instance.setMetadata': [method.setInstanceMetadata, ({ metadata }) => ({ metadata })],
  'instance.resize': [
    method.resizeInstance,
    (body) => ({
      ...gracePeriod(body),
      vcpus: body['vcpus'],
      disks: ((body['disks'] ?? []) as { device: string; sizeMiB: number }[]).map(({ device, sizeMiB }) => ({
        device,
        sizeMib: BigInt(sizeMiB),
      })),
    }),
  ],
  'instance.rebuild': [
    method.rebuildInstance,
    (body) => ({ ...gracePeriod(body), disks: (body['disks'] as Words[]).map((disk) => fromWords(RebuiltDiskSchema, disk)) }),
  ],
  'instance.rescue': [
    method.rescueInstance,
    (body) => ({ ...gracePeriod(body), source: { case: 'remoteImage', value: fromWords(RemoteImageSchema, body['image'] as Words) } }),
  ],
  'instance.unrescue': [method.unrescueInstance, gracePeriod],
  'instance.attachDisk': [
    method.attachDisk,
    (body) => {
      const { device, ...disk } = body['disk'] as Words;
      return { device, disk: fromWords(DiskSchema, disk) };
    },
  ],
  'instance.detachDisk': [
    method.detachDisk,
    (body) => ({ ...gracePeriod(body), device: (body['disk'] as Words)['device'], remove: body['remove'] }),
  ],
  'instance.attachInterface': [
    method.attachInterface,
    (body) => ({ interface: fromWords(NetworkInterfaceSchema, body['interface'] as Words) }),
  ],
  'instance.detachInterface': [method.detachInterface, (body) => ({ ...gracePeriod(body), mac: (body['interface'] as Words)['mac'] })],
  'instance.snapshot': [method.snapshotInstance, (body) => ({ imageName: (body['image'] as Words)['name'] })],
  'instance.setAdminPassword': [method.setAdminPassword, ({ password }) => ({ password })],
  'instance.quiesce': [method.quiesceInstance, nothing],
  'instance.unquiesce': [method.unquiesceInstance, nothing],
};

/** A change by gRPC: the method, and its request. The same wish as the command has by the queue. */
export function grpcRequest(
  type: CommandType,
  given: Words,
  requestId: string,
  deadlineMs: number | undefined,
): readonly [DescMethodUnary, MessageShape<DescMethodUnary['input']>] {
  const body = given as Body;
  const instance = given['instance'] as Words;
  const generation = given['generation'];
  const common = { requestId, ...(deadlineMs !== undefined && { deadline: timestampFromMs(deadlineMs) }) };
  if (type === 'instance.spawn') {
    const { id, name, metadata, ...spec } = instance;
    const wanted = { displayName: name, metadata, generation, spec: fromWords(InstanceSpecSchema, spec) };
    const how = { validateOnly: given['dryRun'], ...start(body) };
    return request(method.createInstance, { ...common, ...how, parent: 'projects/default', instanceId: id, instance: wanted });
  }
  const [found, rest] = ABOUT[type] ?? [];
  if (!found || !rest) throw new Error(`${type} is no change by gRPC`);
  return request(found, { ...common, name: nameOf(String(instance['id'])), generation, ...rest(body) });
}

function request(found: DescMethodUnary, fields: Fields): readonly [DescMethodUnary, MessageShape<DescMethodUnary['input']>] {
  return [found, Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never];
}
