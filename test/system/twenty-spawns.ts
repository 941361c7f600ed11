import assert from 'node:assert/strict';
import type { CommandResult } from '../../services/common/messages/results.js';
import type { AmqpClient } from '../support/amqp-client.js';
import { spawnBody } from '../support/commands.js';
import type { HostUnderTest } from './host-under-test.js';

export const TWENTY = 20;

/** Publishes twenty spawns with a small disk each; gives their ids. */
export async function sendTwenty(client: AmqpClient): Promise<string[]> {
  const bodies = Array.from({ length: TWENTY }, () => spawnBody({ disks: [{ sizeMiB: 1 }] }));
  await Promise.all(bodies.map((body) => client.send('instance.spawn', body)));
  return bodies.map(({ instance }) => instance.id).sort();
}

/** Waits until each command has an answer. It may come twice, but always the same. */
export async function answersOf(client: AmqpClient, ids: readonly string[]): Promise<Map<string, CommandResult>> {
  const answers = new Map<string, CommandResult>();
  while (answers.size < ids.length) {
    const { result } = await client.replies.next();
    const earlier = answers.get(result.instanceId ?? '');
    assert.equal(result.outcome, earlier?.outcome ?? result.outcome);
    answers.set(result.instanceId ?? '', result);
  }
  return answers;
}

/** Exactly these guests run, each of them once, with exactly the files that they need. */
export async function assertExactly(host: HostUnderTest, ids: readonly string[], virtType: 'qemu' | 'test'): Promise<void> {
  assert.deepEqual(await host.domains(), { running: [...ids], all: [...ids] });
  if (virtType === 'qemu') assert.equal(await host.guestProcesses(), ids.length);
  const files = ids.flatMap((id) => [id, ...['console.log', 'disk-0.qcow2', 'journal.jsonl'].map((name) => `${id}/${name}`)]);
  assert.deepEqual(await host.files(), files.sort());
}

export async function destroyAll(client: AmqpClient, host: HostUnderTest, ids: readonly string[]): Promise<void> {
  await Promise.all(ids.map((id) => client.send('instance.destroy', { instance: { id } }, { queue: 'control' })));
  const answers = await answersOf(client, ids);
  assert.deepEqual(new Set([...answers.values()].map(({ outcome }) => outcome)), new Set(['done']));
  assert.deepEqual([(await host.domains()).all, await host.files(), await host.guestProcesses()], [[], [], 0]);
}
