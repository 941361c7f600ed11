import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { writeRecord } from '../../../../services/compute/images/cache-files.js';
import { digestOf, gives } from '../../../support/image-server.js';
import { temporaryDirectory } from '../virt/libvirt/temporary-directory.js';
import { cacheBench, rawImage } from './cache-bench.js';

test('a record that several write at once is the last one’s, and whole', async (t) => {
  const directory = temporaryDirectory(t);
  const file = path.join(directory, 'record');
  await Promise.all(Array.from({ length: 20 }, (_, writer) => writeRecord(file, { writer })));
  assert.deepEqual([readFileSync(file, 'utf8'), readdirSync(directory)], ['{"writer":19}', ['record']]);
});

test('an image that is put there anew while its bytes are read is read once more, and stays', async (t) => {
  const { server, cache, open, use, counted, warnings } = await cacheBench(t);
  const image = rawImage();
  const sha256 = digestOf(image);
  const wish = { url: server.on('/image', gives(image)), sha256 };
  (await use(wish)).release();
  const file = cache.files.image(sha256);
  copyFileSync(file, `${file}.copy`);
  rmSync(cache.files.verified(sha256));
  const again = await use(wish, {
    of: open(), // it remembers nothing
    onProgress: ({ phase }) => {
      if (phase === 'verify' && existsSync(`${file}.copy`)) renameSync(`${file}.copy`, file);
    },
  });
  again.release();
  assert.deepEqual([again.fetched, counted.failed, warnings, existsSync(file)], [false, 0, [], true]);
});
