import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getVersion, open, poolStats } from '@novalet/libvirt';
import { waitUntil } from '../../ops/private/wait-until.js';
import { withLibvirtd } from '../support/with-libvirtd.js';

test('a connection that keepalive gives up fails its calls, however many there were', async (t) => {
  const libvirtd = await withLibvirtd(t);
  const conn = await open(libvirtd.testUri);
  const before = Array.from({ length: 8 }, () => conn.getHostname());
  assert.equal(await conn.setKeepAlive(1, 1), 0);
  await Promise.all(before);
  await libvirtd.freeze();
  const stuck = Promise.allSettled(Array.from({ length: 8 }, () => conn.getHostname()));
  // Older libvirts hang or crash with two calls under way: they get one.
  const atOnce = getVersion() < 10_004_000 ? 1 : 4;
  await waitUntil('calls to be under way', () => poolStats().active === atOnce);
  for (const outcome of await stuck) assert.equal(outcome.status, 'rejected');
  assert.equal(await conn.isAlive(), 0);
  await libvirtd.thaw();
  await conn.close();
});
