import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { SpawnBody } from '../../services/common/messages/commands.js';
import { GUEST_CMDLINE, GUEST_MEMORY_MIB, GUEST_UP, type Guest } from '../guest/build-guest.js';
import type { Conversation } from './conversation.js';
import { follow } from './follow.js';
import type { Narrator } from './narrator.js';
import type { PrivateHost } from './private-host.js';

export interface SpawnScene {
  readonly narrator: Narrator;
  readonly host: PrivateHost;
  readonly guest: Guest;
  readonly conversation: Conversation;
}

/** An emulated guest is up in two or three seconds; a busy machine takes its time. */
const SPAWN_MS = 60_000;
const BOOT_MS = 90_000;

/** Publishes the message, shows each step, and waits until the guest itself says that it is up. Gives the instance's id. */
export async function spawnGuest({ narrator, host, guest, conversation }: SpawnScene): Promise<string> {
  const body: SpawnBody = {
    instance: {
      id: randomUUID(),
      name: 'my first guest',
      vcpus: 1,
      memoryMiB: GUEST_MEMORY_MIB,
      disks: [{ sizeMiB: 64 }],
      kernel: guest.kernel,
      initrd: guest.initrd,
      cmdline: `${GUEST_CMDLINE} hostname=first-guest`,
      metadata: { from: 'npm run demo' },
    },
  };
  const { id } = body.instance;

  narrator.step('A message: instance.spawn');
  narrator.quote('message', JSON.stringify(body, null, 2));
  const began = performance.now();
  const result = await conversation.command('instance.spawn', body, SPAWN_MS);
  if (result.outcome !== 'done') throw new Error(`the worker answered: ${JSON.stringify(result.error)}`);
  if (result.instance?.powerState !== 'running') throw new Error(`the instance is ${result.instance?.powerState ?? 'without a state'}`);
  narrator.seen(`the reply after ${Math.round(performance.now() - began)} ms: ${result.instance.domainName} is running`);

  narrator.step('What libvirt says: virsh list');
  const list = await host.libvirtd.virsh(['list', '--all', '--title']);
  narrator.quote('virsh', list);
  if (!list.includes(id) || !list.includes('running')) throw new Error('virsh list does not show the running guest');
  narrator.seen('virsh list shows the running guest');

  narrator.step("The guest's own serial console");
  const up = await consoleUntilUp(narrator, join(host.stateDirectory, 'instances', id, 'console.log'));
  narrator.seen(`the guest says that it is up: ${up['hostname']}, ${up['memory']} MiB, after ${up['uptime']} s of its own time`);
  return id;
}

async function consoleUntilUp(narrator: Narrator, path: string): Promise<Partial<Record<string, string>>> {
  for await (const line of follow(path, AbortSignal.timeout(BOOT_MS))) {
    narrator.quote('console', line);
    const up = GUEST_UP.exec(line);
    if (up) return up.groups ?? {};
  }
  throw new Error(`the guest did not say that it is up within ${BOOT_MS / 1000} s (${path})`);
}
