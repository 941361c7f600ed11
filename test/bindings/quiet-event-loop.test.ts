import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { open } from '@novalet/libvirt';
import { withLibvirtd } from '../support/with-libvirtd.js';

/** How often the thread of the event loop has waited for something, and so how often it was woken. */
function wakings(): number {
  const task = '/proc/self/task';
  const thread = readdirSync(task).find((id) => readFileSync(`${task}/${id}/comm`, 'utf8').trim() === 'libvirt-events');
  assert.ok(thread !== undefined, 'there is no thread of the event loop');
  return Number(/^voluntary_ctxt_switches:\s*(\d+)$/m.exec(readFileSync(`${task}/${thread}/status`, 'utf8'))?.[1]);
}

test('calls in flight do not wake the event loop again and again: it would cost them most of their speed', async (t) => {
  const CALLS = 4000;
  const libvirtd = await withLibvirtd(t);
  await using conn = await open(libvirtd.testUri);
  await conn.domainEventRegisterAny(null, 0, () => {});
  const domain = await conn.lookupByName('test');
  const before = wakings();
  let left = CALLS;
  const one = async (): Promise<void> => {
    while (left-- > 0) await domain.info();
  };
  await Promise.all(Array.from({ length: 16 }, one));
  const each = (wakings() - before) / CALLS;
  t.diagnostic(`woken ${each.toFixed(3)} times a call`);
  // libvirt disables and enables its watch around each call; told of each time, it would be woken more than once a call.
  assert.ok(each < 0.5, `woken ${each} times a call`);
});
