import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Progress } from '../../../../../services/compute/ports.js';
import type { Changing } from '../../../../../services/compute/virt/libvirt/changing.js';
import { withJobProgress } from '../../../../../services/compute/virt/libvirt/job-progress.js';
import type { Connection, Stats } from '../../../../../services/compute/virt/libvirt/libvirt-calls.js';
import { Inbox } from '../../../../support/inbox.js';

/** A change whose hypervisor says this of its job, question by question. */
function changing(answers: (Stats | Error)[]) {
  const told = new Inbox<Progress>();
  const asked = new Inbox<string>();
  const jobStats = (): Promise<Stats> => {
    const answer = answers.shift();
    return answer instanceof Error || !answer ? Promise.reject(answer ?? new Error('asked too often')) : Promise.resolve(answer);
  };
  const connection = { lookupByUUIDString: () => Promise.resolve({ jobStats }) } as unknown as Connection;
  const call = (fn: string, _what: string, run: (connection: Connection) => Promise<unknown>): Promise<unknown> => {
    asked.push(fn);
    return run(connection);
  };
  const progress = (one: Progress): void => told.push(one);
  return { told, asked, subject: { id: 'i-1', deadline: Infinity, tools: { stats: { call } }, progress } as unknown as Changing };
}

test('a long job of libvirt is asked about on a connection of its own, and told in bytes', async () => {
  const { told, asked, subject } = changing([
    { type: 2, data_total: 1000n, data_processed: 250n },
    { type: 2, memory_processed: 500 },
  ]);
  await withJobProgress(subject, 'suspend', async () => {
    assert.deepEqual(await told.next(), { phase: 'suspend', bytes: 250, totalBytes: 1000 });
    assert.deepEqual(await told.next(), { phase: 'suspend', bytes: 500 });
  });
  assert.equal(await asked.next(), 'virDomainGetJobStats');
});

test('a hypervisor that knows of no jobs does not hurt the work', async () => {
  const { asked, subject } = changing([new Error('this function is not supported by the connection driver')]);
  const done = await withJobProgress(subject, 'suspend', async () => (await asked.next(), 'done'));
  assert.equal(done, 'done');
});
