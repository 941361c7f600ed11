import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { digestOf, gives } from '../../../support/image-server.js';
import { smallDisk } from '../../../support/small-disk.js';
import { cacheBench, KIB, rawImage } from './cache-bench.js';

test('on a full disk unused images go, what is in use stays, and what cannot be had is said and leaves the disk as it was', async (t) => {
  const stateDir = smallDisk(t, '2m');
  if (stateDir === null) return;
  const { server, bytesOf, use, standOn, cache, counted, partials } = await cacheBench(t, { stateDir });
  const make = (path: string, size = 300 * KIB) => {
    const image = rawImage(size);
    return { url: server.on(path, gives(image)), sha256: digestOf(image) };
  };
  const [used, unused, wanted, tooMuch] = [make('/a'), make('/b', 600 * KIB), make('/c', 1200 * KIB), make('/d', 900 * KIB)];
  await bytesOf(used);
  standOn(cache.files.image(used.sha256));
  await bytesOf(unused);
  await bytesOf(wanted);
  assert.equal(counted.evicted, 1);
  standOn(cache.files.image(wanted.sha256), 'another');
  await assert.rejects(use(tooMuch), { kind: 'exhausted', message: /disk of the image cache is full/ });
  assert.deepEqual([partials(), existsSync(cache.files.image(used.sha256))], [[], true]);
  await bytesOf(used);
});

test('an image for which the disk has no room beside its reserve is refused before a byte comes', async (t) => {
  const stateDir = smallDisk(t, '2m');
  if (stateDir === null) return;
  const { server, use, bytesOf, counted } = await cacheBench(t, { stateDir, diskReserveBytes: 1024 * KIB });
  const make = (path: string, size: number) => ({ url: server.on(path, gives(rawImage(size))) });
  await assert.rejects(use(make('/large', 1200 * KIB)), { kind: 'exhausted', message: /NOVALET_DISK_RESERVE_MIB/ });
  assert.equal(counted.fetched, 0);
  await bytesOf(make('/small', 300 * KIB));
});
