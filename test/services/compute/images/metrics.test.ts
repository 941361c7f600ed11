import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import { imageCacheMetrics } from '../../../../services/compute/images/metrics.js';
import { digestOf, gives } from '../../../support/image-server.js';
import { cacheBench, rawImage } from './cache-bench.js';

test('what the cache does is counted', async (t) => {
  const registry = new Registry();
  const { server, bytesOf, use } = await cacheBench(t, { metrics: imageCacheMetrics(registry) });
  const image = rawImage();
  const wish = { url: server.on('/a', gives(image)), sha256: digestOf(image) };
  await bytesOf(wish);
  await bytesOf(wish);
  await assert.rejects(use({ url: wish.url, sha256: digestOf(rawImage()) }));
  const lines = (await registry.metrics()).split('\n').filter((line) => /^novalet/.test(line));
  assert.deepEqual(lines.sort(), [
    `novalet_image_cache_bytes ${image.length}`,
    'novalet_image_cache_evictions_total 0',
    'novalet_image_cache_hits_total 1',
    'novalet_image_cache_misses_total 1',
    `novalet_image_fetched_bytes_total ${2 * image.length}`,
    'novalet_image_verification_failures_total 1',
  ]);
});
