import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { test } from 'node:test';
import { waitUntil } from '../../../../ops/private/wait-until.js';
import type { Progress } from '../../../../services/compute/ports.js';
import { breaksAfter, digestOf, gives, redirectsTo, stallsAfter, withImageServer } from '../../../support/image-server.js';
import { cacheBench, KIB, rawImage } from './cache-bench.js';

test('an image is fetched once, and with its digest nobody is asked again', async (t) => {
  const { server, bytesOf, counted, cache } = await cacheBench(t);
  const image = rawImage();
  const wish = { url: server.on('/a', gives(image)), sha256: digestOf(image) };
  for (let i = 0; i < 3; i++) assert.ok(image.equals(await bytesOf(wish)));
  assert.equal(server.requests.length, 1);
  assert.deepEqual([counted.miss, counted.hit, counted.fetched, counted.held], [1, 2, image.length, image.length]);
  assert.equal(statSync(cache.files.image(wish.sha256)).mode & 0o777, 0o644);
});

test('without a digest the server is asked whether it is still the same, and what was got is told', async (t) => {
  const { server, use, bytesOf } = await cacheBench(t);
  const [first, second] = [rawImage(), rawImage()];
  const url = server.on('/a', gives(first));
  const held = await use({ url });
  assert.deepEqual([held.facts, held.fetched], [{ sha256: digestOf(first), format: 'raw' }, true]);
  held.release();
  const again = await use({ url });
  assert.deepEqual([again.facts.sha256, again.fetched], [digestOf(first), false]);
  again.release();
  server.on('/a', gives(second));
  assert.ok(second.equals(await bytesOf({ url })));
});

test('a connection that breaks is gone on with where it broke', async (t) => {
  const { server, bytesOf, counted } = await cacheBench(t);
  const image = rawImage();
  const url = server.on('/a', breaksAfter(image, 100 * KIB), gives(image));
  assert.ok(image.equals(await bytesOf({ url })));
  const [, second] = server.requests;
  assert.match(second?.range ?? '', /^bytes=\d+-$/);
  assert.ok(second?.ifRange);
  assert.equal(counted.fetched, image.length);
});

test('a server that says nothing more is left, and asked again', async (t) => {
  const { server, bytesOf } = await cacheBench(t);
  const image = rawImage();
  const url = server.on('/a', stallsAfter(image, 64 * KIB), gives(image));
  assert.ok(image.equals(await bytesOf({ url })));
});

test('what changed on the server between two parts is fetched from its beginning', async (t) => {
  const { server, bytesOf } = await cacheBench(t);
  const [old, fresh] = [rawImage(), rawImage()];
  const url = server.on('/a', breaksAfter(old, 100 * KIB), gives(fresh));
  assert.ok(fresh.equals(await bytesOf({ url })));
});

test('a part that does not begin where it was asked for is not joined', async (t) => {
  const { server, bytesOf } = await cacheBench(t);
  const image = rawImage();
  const lie = { 'content-range': `bytes 7-${image.length - 1}/${image.length}` };
  const url = server.on('/a', breaksAfter(image, 100 * KIB), gives(image, lie), gives(image));
  assert.ok(image.equals(await bytesOf({ url, sha256: digestOf(image) })));
});

test('what was joined of two images is fetched anew when the digest says so', async (t) => {
  const { server, bytesOf } = await cacheBench(t);
  const [other, image] = [rawImage(), rawImage()];
  const careless = gives(image);
  const url = server.on('/a', breaksAfter(other, 100 * KIB), (request, response) => {
    delete request.headers['if-range'];
    const writeHead = response.writeHead.bind(response);
    response.writeHead = ((status: number, { etag: _etag, ...headers }: Record<string, string>) => writeHead(status, headers)) as never;
    careless(request, response);
  });
  assert.ok(image.equals(await bytesOf({ url, sha256: digestOf(image) })));
});

test('bytes that are not those that were asked for are refused, named and not kept', async (t) => {
  const { server, use, counted, partials } = await cacheBench(t);
  const image = rawImage();
  const wish = { url: server.on('/a', gives(image)), sha256: digestOf(rawImage()) };
  const refusal = {
    kind: 'invalid',
    message: new RegExp(`disks\\[0\\].image: .*has the sha256 ${digestOf(image)}`),
    details: { field: 'instance.disks[0].image' },
  };
  await assert.rejects(use(wish), refusal);
  assert.deepEqual([partials(), counted.failed], [[], 1]);
});

test('a body without an end, and one that says it is too large, are given up and not kept', async (t) => {
  const { server, use, partials } = await cacheBench(t, { maxImageBytes: 256 * KIB });
  const endless = server.on('/endless', (_request, response) => {
    response.writeHead(200);
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(16 * KIB)));
      response.once('drain', more);
    };
    more();
  });
  for (const url of [endless, server.on('/large', gives(rawImage(300 * KIB)))]) {
    await assert.rejects(use({ url }), { kind: 'invalid', message: /NOVALET_IMAGE_MAX_BYTES/ });
  }
  assert.deepEqual(partials(), []);
});

test('a body shorter than it says is not taken for the image', async (t) => {
  const { server, use } = await cacheBench(t);
  const image = rawImage();
  const url = server.on('/a', breaksAfter(image, 100 * KIB), (request, response) => {
    if (request.headers.range === undefined) return breaksAfter(image, 100 * KIB)(request, response);
    response.destroy();
  });
  await assert.rejects(use({ url }), { kind: 'unavailable', message: /bytes are kept, and the next attempt goes on there/ });
});

test('a packed body is refused: it would unpack without a limit', async (t) => {
  const { server, use } = await cacheBench(t);
  const url = server.on('/a', gives(rawImage(), { 'content-encoding': 'gzip' }));
  await assert.rejects(use({ url }), { kind: 'invalid', message: /content encoding gzip/ });
});

test('only allowed hosts are asked, also by redirects', async (t) => {
  const { server, use, bytesOf } = await cacheBench(t);
  const elsewhere = await withImageServer(t);
  const image = rawImage();
  server.on('/a', gives(image));
  const there = elsewhere.on('/a', gives(image));
  const refusal = { kind: 'denied', message: /NOVALET_IMAGE_HOSTS/ };
  await assert.rejects(use({ url: there }), refusal);
  await assert.rejects(use({ url: server.on('/away', redirectsTo(there)) }), refusal);
  assert.deepEqual(elsewhere.requests, []);
  await assert.rejects(use({ url: server.on('/file', redirectsTo('file:///etc/passwd')) }), { kind: 'invalid' });
  await assert.rejects(use({ url: server.on('/round', redirectsTo('/round')) }), { kind: 'invalid', message: /more than 5 times/ });
  await assert.rejects(use({ url: `http://user:secret@${server.host}/a` }), (error: Error) => !error.message.includes('secret'));
  assert.ok(image.equals(await bytesOf({ url: server.on('/here', redirectsTo('/a')) })));
});

test('what the server refuses is told by its kind', async (t) => {
  const { server, use } = await cacheBench(t);
  const answers = (status: number) => server.on(`/${status}`, (_request, response) => void response.writeHead(status).end());
  for (const [status, kind] of [
    [404, 'not-found'],
    [403, 'denied'],
    [400, 'invalid'],
    [503, 'unavailable'],
  ] as const) {
    await assert.rejects(use({ url: answers(status) }), { kind, message: new RegExp(String(status)) });
  }
});

test('two at once wait for one download, and both hear how far it has come', async (t) => {
  const { server, use } = await cacheBench(t);
  const image = rawImage();
  const url = server.on('/a', gives(image));
  const heard: Progress[][] = [[], []];
  const held = await Promise.all(heard.map((list) => use({ url }, { onProgress: (progress) => void list.push(progress) })));
  assert.equal(server.requests.length, 1);
  for (const list of heard) assert.deepEqual(list.at(-1), { phase: 'download', bytes: image.length, totalBytes: image.length });
  for (const one of held) one.release();
});

test('one that leaves does not end the download of the other; the last one does, and what has come stays', async (t) => {
  const { server, cache, use, bytesOf, partials } = await cacheBench(t, { stallMs: 60_000 });
  const image = rawImage();
  const url = server.on('/a', stallsAfter(image, 100 * KIB), gives(image));
  const [one, other] = [new AbortController(), new AbortController()];
  const uses = [use({ url }, { signal: one.signal }), use({ url }, { signal: other.signal })];
  await waitUntil('some bytes', () => Promise.resolve(partials().some((name) => statSync(cache.files.partialOf(name)).size > 0)));
  const why = new Error('destroyed');
  one.abort(why);
  await assert.rejects(uses[0]!, why);
  other.abort(why);
  await assert.rejects(uses[1]!, why);
  assert.ok(image.equals(await bytesOf({ url })));
  assert.match(server.requests[1]?.range ?? '', /^bytes=\d+-$/);
});
