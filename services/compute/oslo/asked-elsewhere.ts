import type { Command } from '../../common/messages/commands.js';
import { instanceIdOf } from '../../common/messages/commands.js';
import type { Json } from './envelope.js';
import type { Asking } from './request.js';

const MIB_OF_GB = 1024;

/** A command that came by another door, in nova's words, for its listeners: as much as it says. */
export function askedElsewhere(command: Command): Asking {
  const { messageId: uniqueId, requestId } = command;
  return { uniqueId, context: { requestId }, args: { instance: instanceOf(command) } };
}

function instanceOf(command: Command): Json {
  if (command.type !== 'instance.spawn') return { uuid: instanceIdOf(command) };
  const { id: uuid, name, vcpus, memoryMiB, metadata = {}, disks: [root] = [], seed } = command.body.instance;
  return {
    uuid,
    display_name: name,
    metadata,
    vcpus,
    memory_mb: memoryMiB,
    ...(seed?.hostname !== undefined && { hostname: seed.hostname }),
    ...(typeof root?.image === 'string' && { image_ref: root.image }),
    ...(root?.sizeMiB !== undefined && { root_gb: Math.ceil(root.sizeMiB / MIB_OF_GB) }),
  };
}
