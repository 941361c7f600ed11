import type { CommandOf, InstanceCommandType } from '../../common/messages/commands.js';
import type { InstanceState, SnapshotResult } from '../../common/messages/results.js';
import type { ChangeRequest, LookRequest } from '../ports.js';
import type { LaneContext } from './lane-context.js';

/** Time that a guest has to power itself off, where its owner says nothing; nova's shutdown_timeout and wait_soft_reboot_seconds. */
const DEFAULT_STOP_GRACE_S = 60;
const DEFAULT_REBOOT_GRACE_S = 120;
/** Time that a guest has to let go of a device. */
const DEFAULT_DETACH_GRACE_S = 60;

type About = Exclude<InstanceCommandType, 'instance.spawn' | 'instance.destroy'>;
/** What changes an instance that is there. */
export type ChangeType = Exclude<
  About,
  'instance.get' | 'instance.snapshot' | 'instance.console' | 'instance.consoleAddress' | 'instance.diagnostics'
>;

export function lookRequest({ body, deadline }: CommandOf<About>): LookRequest {
  return { id: body.instance.id, generation: body.generation, deadline };
}

function changeRequest(command: CommandOf<ChangeType>, { signal, onProgress }: LaneContext): ChangeRequest {
  return { ...lookRequest(command), key: command.messageId, signal, onProgress };
}

/** With what it leaves beside the instance. */
export function snapshot(command: CommandOf<'instance.snapshot'>, context: LaneContext): Promise<SnapshotResult> {
  const { body, messageId: key } = command;
  const { signal, onProgress } = context;
  const what = { device: body.disk?.device ?? 'vda', name: body.image.name, quiesce: body.quiesce ?? false };
  return context.driver.snapshot({ ...lookRequest(command), key, signal, onProgress, ...what }, context.onStep);
}

type Change<T extends ChangeType> = (command: CommandOf<T>, context: LaneContext) => Promise<InstanceState>;

/**
 * The verbs of an instance that is there: from the message's words to the driver's, and nothing more. What each does in which state, and
 * that it is done once however often it comes, is the driver's contract.
 */
export const CHANGES: { readonly [T in ChangeType]: Change<T> } = {
  'instance.start': (command, context) =>
    context.driver.start({ ...changeRequest(command, context), start: command.body.start ?? {} }, context.onStep),
  'instance.stop': (command, context) =>
    context.driver.stop(
      { ...changeRequest(command, context), graceMs: (command.body.grace ?? DEFAULT_STOP_GRACE_S) * 1000 },
      context.onStep,
    ),
  'instance.reboot': (command, context) => {
    const { mode = 'soft', grace = DEFAULT_REBOOT_GRACE_S } = command.body;
    return context.driver.reboot({ ...changeRequest(command, context), mode, graceMs: grace * 1000 }, context.onStep);
  },
  'instance.pause': (command, context) => context.driver.pause(changeRequest(command, context), context.onStep),
  'instance.unpause': (command, context) => context.driver.unpause(changeRequest(command, context), context.onStep),
  'instance.suspend': (command, context) =>
    context.driver.suspend({ ...changeRequest(command, context), bypassCache: command.body.bypassCache ?? false }, context.onStep),
  'instance.resume': (command, context) =>
    context.driver.resume({ ...changeRequest(command, context), bypassCache: command.body.bypassCache ?? false }, context.onStep),
  'instance.resize': (command, context) => {
    const { vcpus, memoryMiB, disks = [], mode = 'auto', grace = DEFAULT_STOP_GRACE_S } = command.body;
    const sizes = { vcpus, memoryMiB, disks, mode, graceMs: grace * 1000 };
    return context.driver.resize({ ...changeRequest(command, context), ...sizes }, context.onStep);
  },
  'instance.rebuild': (command, context) => {
    const { disks, seed, grace = DEFAULT_STOP_GRACE_S } = command.body;
    return context.driver.rebuild({ ...changeRequest(command, context), disks, seed, graceMs: grace * 1000 }, context.onStep);
  },
  'instance.rescue': (command, context) => {
    const { image, imageFormat, grace = DEFAULT_STOP_GRACE_S } = command.body;
    return context.driver.rescue({ ...changeRequest(command, context), image, imageFormat, graceMs: grace * 1000 }, context.onStep);
  },
  'instance.unrescue': (command, context) =>
    context.driver.unrescue(
      { ...changeRequest(command, context), graceMs: (command.body.grace ?? DEFAULT_STOP_GRACE_S) * 1000 },
      context.onStep,
    ),
  'instance.attachDisk': (command, context) => {
    const { device, ...disk } = command.body.disk;
    return context.driver.attachDisk({ ...changeRequest(command, context), device, disk }, context.onStep);
  },
  'instance.detachDisk': (command, context) => {
    const { disk, remove = false, grace = DEFAULT_DETACH_GRACE_S } = command.body;
    return context.driver.detachDisk(
      { ...changeRequest(command, context), device: disk.device, remove, graceMs: grace * 1000 },
      context.onStep,
    );
  },
  'instance.attachInterface': (command, context) => {
    const { interface: nic } = command.body;
    return context.driver.attachInterface({ ...changeRequest(command, context), nic, mac: nic.mac }, context.onStep);
  },
  'instance.detachInterface': (command, context) => {
    const { interface: nic, grace = DEFAULT_DETACH_GRACE_S } = command.body;
    return context.driver.detachInterface({ ...changeRequest(command, context), mac: nic.mac, graceMs: grace * 1000 }, context.onStep);
  },
  'instance.setAdminPassword': (command, context) => {
    const { user = 'root', password } = command.body;
    return context.driver.setAdminPassword({ ...changeRequest(command, context), user, password }, context.onStep);
  },
  'instance.quiesce': (command, context) => context.driver.quiesce(changeRequest(command, context), context.onStep),
  'instance.unquiesce': (command, context) => context.driver.unquiesce(changeRequest(command, context), context.onStep),
  'instance.setMetadata': (command, context) =>
    context.driver.setMetadata({ ...changeRequest(command, context), metadata: command.body.metadata }, context.onStep),
};
