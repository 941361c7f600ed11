import assert from 'node:assert/strict';
import { existsSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { ImageCache } from '../../../../services/compute/images/image-cache.js';
import { prefetch } from '../../../../services/compute/images/prefetch.js';
import { digestOf, gives } from '../../../support/image-server.js';
import { cacheBench, KIB, rawImage } from './cache-bench.js';

/** Three images of a third of the cache each, in the order of their fetching. */
async function fullCache(t: Parameters<typeof cacheBench>[0]) {
  const bench = await cacheBench(t, { limitBytes: 300 * KIB });
  const make = (path: string) => {
    const image = rawImage(90 * KIB);
    return { url: bench.server.on(path, gives(image)), sha256: digestOf(image) };
  };
  const wishes = ['/a', '/b', '/c', '/d'].map(make) as [Wish, Wish, Wish, Wish];
  for (const wish of wishes.slice(0, 3)) await bench.bytesOf(wish);
  const kept = () => wishes.map(({ sha256 }) => existsSync(bench.cache.files.image(sha256)));
  return { ...bench, wishes, kept };
}
type Wish = { url: string; sha256: string };

test('what was not used for longest makes room', async (t) => {
  const { wishes, bytesOf, kept, counted } = await fullCache(t);
  await bytesOf(wishes[0]);
  await bytesOf(wishes[3]);
  assert.deepEqual(kept(), [true, false, true, true]);
  assert.deepEqual([counted.evicted, counted.held], [1, 270 * KIB]);
});

test('what an instance stands on stays, and so does what is being used', async (t) => {
  const { wishes, use, bytesOf, kept, standOn, cache } = await fullCache(t);
  standOn(cache.files.image(wishes[0].sha256));
  const held = await use(wishes[1]);
  await bytesOf(wishes[3]);
  assert.deepEqual(kept(), [true, true, false, true]);
  held.release();
});

test('a cache whose images are all in use refuses another one, and says what is wrong', async (t) => {
  const { wishes, use, standOn, cache, kept, partials } = await fullCache(t);
  wishes.slice(0, 3).forEach(({ sha256 }, i) => standOn(cache.files.image(sha256), `instance-${i}`));
  await assert.rejects(use(wishes[3]), { kind: 'exhausted', message: /no room.*NOVALET_IMAGE_CACHE_BYTES/ });
  assert.deepEqual(kept(), [true, true, true, false]);
  assert.ok((await use(wishes[0])).file);
  assert.deepEqual(partials(), []);
});

test('instances that cannot be looked at keep every image', async (t) => {
  const { wishes, use, kept, stateDir } = await fullCache(t);
  rmSync(`${stateDir}/instances`, { recursive: true });
  writeFileSync(`${stateDir}/instances`, 'no directory');
  await assert.rejects(use(wishes[3]), /ENOTDIR/);
  assert.deepEqual(kept(), [true, true, true, false]);
});

test('unfinished downloads that nobody goes on with go first', async (t) => {
  const { wishes, bytesOf, kept, cache, partials } = await fullCache(t);
  writeFileSync(cache.files.partialOf('abandoned'), Buffer.alloc(100 * KIB));
  await bytesOf(wishes[1]);
  await bytesOf(wishes[3]);
  assert.deepEqual([kept(), partials()], [[false, true, true, true], []]);
});

test('an image larger than the whole cache is refused', async (t) => {
  const { use, server } = await cacheBench(t, { limitBytes: 100 * KIB });
  await assert.rejects(use({ url: server.on('/a', gives(rawImage(200 * KIB))) }), { kind: 'exhausted' });
});

for (const [how, harm] of [
  ['changed', (file: string) => writeFileSync(file, 'x', { flag: 'r+' })],
  ['cut short', (file: string) => writeFileSync(file, '')],
  ['gone', (file: string) => rmSync(file)],
] as const) {
  test(`an image that is ${how} is not used, and fetched anew`, async (t) => {
    const { server, bytesOf, cache, counted } = await cacheBench(t);
    const image = rawImage();
    const wish = { url: server.on('/a', gives(image)), sha256: digestOf(image) };
    await bytesOf(wish);
    harm(cache.files.image(wish.sha256));
    assert.ok(image.equals(await bytesOf(wish)));
    assert.deepEqual([server.requests.length, counted.failed], [2, how === 'gone' ? 0 : 1]);
  });

  test(`a guest that stands on an image that is ${how} is told so, and a prefetch mends it`, async (t) => {
    const { server, bytesOf, cache } = await cacheBench(t);
    const image = rawImage();
    const wish = { url: server.on('/a', gives(image)), sha256: digestOf(image) };
    await bytesOf(wish);
    const base = cache.files.image(wish.sha256);
    const check = () => cache.checkBases([base], { signal: AbortSignal.timeout(10_000) });
    await check();
    harm(base);
    await assert.rejects(check(), {
      kind: 'precondition',
      message: new RegExp(`image ${wish.sha256}, which is gone or was changed.*prefetch`),
    });
    await bytesOf(wish);
    await check();
  });
}

test('after a restart an image is used without reading or fetching it, and one touched by somebody is read', async (t) => {
  const { server, bytesOf, open, cache, counted } = await cacheBench(t);
  const image = rawImage();
  const wish = { url: server.on('/a', gives(image)), sha256: digestOf(image) };
  await bytesOf(wish);
  assert.ok(image.equals(await bytesOf(wish, open())));
  writeFileSync(cache.files.image(wish.sha256), image.subarray(0, 1), { flag: 'r+' }); // the same bytes
  rmSync(cache.files.verified(wish.sha256));
  assert.ok(image.equals(await bytesOf(wish, open())));
  assert.deepEqual([server.requests.length, counted.failed], [1, 0]);
});

test('bytes that were changed are found although the time was put back', async (t) => {
  const { server, bytesOf, cache, counted } = await cacheBench(t);
  const image = rawImage();
  const wish = { url: server.on('/a', gives(image)), sha256: digestOf(image) };
  await bytesOf(wish);
  await harmUnseen(cache, wish.sha256);
  assert.ok(image.equals(await bytesOf(wish)));
  assert.deepEqual([server.requests.length, counted.failed], [2, 1]);
});

test('a prefetch reads all bytes again, and fetches what has decayed', async (t) => {
  const { server, bytesOf, cache } = await cacheBench(t);
  const image = rawImage();
  const wish = { url: server.on('/a', gives(image)), sha256: digestOf(image) };
  await bytesOf(wish);
  await harmUnseen(cache, wish.sha256);
  await cache.verified.note(wish.sha256); // as if the disk had done it: no time tells
  const fetch = () => prefetch({ image: wish, deadline: Date.now() + 20_000 }, cache);
  assert.deepEqual([(await fetch()).fetched, (await fetch()).fetched], [true, false]);
});

/** Other bytes, and the time of before. */
async function harmUnseen(cache: ImageCache, sha256: string): Promise<void> {
  const file = cache.files.image(sha256);
  const { atime, mtime } = statSync(file);
  utimesSync(file, atime, mtime); // to what can be put back
  await cache.verified.note(sha256);
  writeFileSync(file, 'harm', { flag: 'r+' });
  utimesSync(file, atime, mtime);
}

test('a base that is a file of the host must be there', async (t) => {
  const { cache, stateDir } = await cacheBench(t);
  const signal = AbortSignal.timeout(10_000);
  writeFileSync(`${stateDir}/base`, '');
  await cache.checkBases([`${stateDir}/base`], { signal });
  await assert.rejects(cache.checkBases([`${stateDir}/nothing`], { signal }), { kind: 'precondition', message: /nothing, which is gone/ });
});
