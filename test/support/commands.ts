import { randomUUID } from 'node:crypto';
import type { CommandOf, DestroyBody, SpawnBody } from '../../services/common/messages/commands.js';

/** The smallest wish for a guest. */
export function spawnBody(instance: Partial<SpawnBody['instance']> = {}, more: Partial<SpawnBody> = {}): SpawnBody {
  return { instance: { id: randomUUID(), name: 'a guest', vcpus: 1, memoryMiB: 16, ...instance }, ...more };
}

export function spawnCommand(body: SpawnBody = spawnBody()): CommandOf<'instance.spawn'> {
  return { type: 'instance.spawn', messageId: 'm-1', requestId: 'r-1', body, deadline: Date.now() + 60_000 };
}

export function destroyCommand(id: string, more: Partial<DestroyBody> = {}): CommandOf<'instance.destroy'> {
  return {
    type: 'instance.destroy',
    messageId: 'm-2',
    requestId: 'r-2',
    body: { instance: { id }, ...more },
    deadline: Date.now() + 60_000,
  };
}
