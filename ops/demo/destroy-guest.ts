import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DEAD_QUEUE, queueName } from '../../services/compute/amqp/names.js';
import type { Conversation } from './conversation.js';
import type { Narrator } from './narrator.js';
import { HOST, type PrivateHost, type RunningWorker } from './private-host.js';

export interface DestroyScene {
  readonly narrator: Narrator;
  readonly host: PrivateHost;
  readonly worker: RunningWorker;
  readonly conversation: Conversation;
  readonly instanceId: string;
}

/** Publishes the destroy, shows that nothing is left of the guest, and lets the worker leave as a service manager would. */
export async function destroyGuest({ narrator, host, worker, conversation, instanceId }: DestroyScene): Promise<void> {
  narrator.step('A message: instance.destroy');
  const result = await conversation.command('instance.destroy', { instance: { id: instanceId } }, 60_000);
  if (result.outcome !== 'done') throw new Error(`the worker answered: ${JSON.stringify(result.error)}`);
  narrator.seen(`the reply: removed ${result.destroyed?.removed.join(', ')}`);

  narrator.step('What is left');
  await noGuestLeft(narrator, host);
  await noFileLeft(narrator, host, instanceId);
  await worker.process.signal('SIGTERM');
  const { code } = await worker.process.exited();
  if (code !== 0) throw new Error(`the worker left with ${code}`);
  narrator.seen('the worker left with 0 on SIGTERM');
  await noMessageLeft(narrator, conversation); // what the worker had not acknowledged would be back in its queue by now
}

async function noGuestLeft(narrator: Narrator, { libvirtd }: PrivateHost): Promise<void> {
  const domains = (await libvirtd.virsh(['list', '--all', '--name'])).trim();
  if (domains !== '') throw new Error(`virsh still lists ${domains}`);
  narrator.seen('virsh list --all: no guest, running or defined');
}

async function noFileLeft(narrator: Narrator, { stateDirectory }: PrivateHost, instanceId: string): Promise<void> {
  const files = await readdir(stateDirectory, { recursive: true });
  const left = files.filter((file) => file.includes(instanceId) || file.startsWith(join('instances', '/')));
  if (left.length > 0) throw new Error(`files are left: ${left.join(', ')}`);
  narrator.seen(`the state directory: no file of an instance (it holds ${files.join(', ')})`);
}

async function noMessageLeft(narrator: Narrator, conversation: Conversation): Promise<void> {
  const queues = [DEAD_QUEUE, queueName(HOST, 'work'), queueName(HOST, 'control')];
  for (const queue of queues) {
    const waiting = await conversation.waitingIn(queue);
    if (waiting > 0) throw new Error(`${waiting} messages are left in ${queue}`);
  }
  narrator.seen(`the queues: no message left, none dead (${queues.join(', ')})`);
}
