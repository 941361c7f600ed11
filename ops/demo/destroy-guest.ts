import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { waitUntil } from '../private/wait-until.js';
import type { Conversation } from './conversation.js';
import type { Narrator } from './narrator.js';
import { HOST, type PrivateHost, type RunningWorker } from './private-host.js';
import { showWorkerLog } from './show-worker-log.js';

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
  const stopLog = showWorkerLog(narrator, worker);
  const result = await conversation.command('instance.destroy', { instance: { id: instanceId } }, 60_000);
  stopLog();
  if (result.outcome !== 'done') throw new Error(`the worker answered: ${JSON.stringify(result.error)}`);
  narrator.seen(`the reply: removed ${result.destroyed?.removed.join(', ')}`);

  narrator.step('What is left');
  await nothingLeft(narrator, host, instanceId);

  await worker.process.signal('SIGTERM');
  const { code } = await worker.process.exited();
  if (code !== 0) throw new Error(`the worker left with ${code}`);
  narrator.seen('the worker left with 0 on SIGTERM');
}

async function nothingLeft(narrator: Narrator, { libvirtd, stateDirectory, vhost }: PrivateHost, instanceId: string): Promise<void> {
  const domains = (await libvirtd.virsh(['list', '--all', '--name'])).trim();
  if (domains !== '') throw new Error(`virsh still lists ${domains}`);
  narrator.seen('virsh list --all: no guest, running or defined');

  const files = await readdir(stateDirectory, { recursive: true });
  const left = files.filter((file) => file.includes(instanceId) || file.startsWith(join('instances', '/')));
  if (left.length > 0) throw new Error(`files are left: ${left.join(', ')}`);
  narrator.seen(`the state directory: no file of an instance (it holds ${files.join(', ')})`);

  // The management interface counts every few seconds; the acknowledgement was confirmed before.
  const queues = ['novalet.dead', `novalet.compute.${HOST}.work`, `novalet.compute.${HOST}.control`];
  await waitUntil('empty queues', async () => {
    const counts = await Promise.all(queues.map((queue) => vhost.management<{ messages?: number }>('GET', `queues/{vhost}/${queue}`)));
    const full = counts.flatMap((count, index) => (count?.messages === 0 ? [] : `${queues[index]}: ${count?.messages ?? 'unknown'}`));
    if (full.length > 0) throw new Error(full.join(', '));
    return true;
  });
  narrator.seen(`the queues: no message left, none dead (${queues.join(', ')})`);
}
