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

test('where two calls under way would crash libvirt, those of streams wait in line with the connection’s', async (t) => {
  if (getVersion() >= 10_004_000) return t.skip('this libvirt takes several');
  const libvirtd = await withLibvirtd(t);
  const conn = await open(libvirtd.testUri);
  await conn.setKeepAlive(1, 1);
  const domain = await conn.lookupByName('test');
  const streams = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const stream = conn.newStream();
      await domain.screenshot(stream, 0);
      return stream;
    }),
  );
  await libvirtd.freeze();
  const stuck = Promise.allSettled(streams.flatMap((stream) => [conn.getHostname(), stream.finish(), domain.info()]));
  await waitUntil('a call to be under way', () => poolStats().active > 0);
  assert.equal(poolStats().active, 1);
  for (const outcome of await stuck) assert.equal(outcome.status, 'rejected');
  await libvirtd.thaw();
  await conn.close();
});
