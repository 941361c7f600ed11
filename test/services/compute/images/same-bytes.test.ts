import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { test } from 'node:test';
import { Leases } from '../../../../services/compute/images/leases.js';
import { digestOf, gives } from '../../../support/image-server.js';
import { cacheBench, rawImage } from './cache-bench.js';

test('many URLs with the same bytes at once come to one image, and the one that guests stand on stays the same file', async (t) => {
  const { server, use, cache, standOn, partials, counted } = await cacheBench(t);
  const image = rawImage();
  const sha256 = digestOf(image);
  const wish = (i: number) => use({ url: server.on(`/a?sig=${i}`, gives(image)) });
  (await wish(0)).release();
  standOn(cache.files.image(sha256));
  const { mtimeMs } = statSync(cache.files.image(sha256)); // an inode's number may be given again
  const held = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(wish));
  for (const one of held) one.release();
  assert.deepEqual(
    [statSync(cache.files.image(sha256)).mtimeMs, held.every(({ facts }) => facts.sha256 === sha256), partials(), counted.failed],
    [mtimeMs, true, [], 0],
  );
});

test('an image that was released after the look for overlays began counts as in use', () => {
  const leases = new Leases();
  const release = leases.take('image');
  const since = performance.now();
  release();
  assert.deepEqual([leases.isTaken('image', since), leases.isTaken('image', performance.now() + 1)], [true, false]);
});
