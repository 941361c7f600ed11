import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { waitUntil } from '../../../../ops/private/wait-until.js';
import { gives, stallsAfter } from '../../../support/image-server.js';
import { cacheBench, KIB, rawImage } from './cache-bench.js';

const PROCESS = fileURLToPath(new URL('fetching-process.js', import.meta.url));

test('a worker killed in the middle of a download: the next one goes on where it was', async (t) => {
  const { cache, server, bytesOf, counted, stateDir } = await cacheBench(t);
  const image = rawImage(600 * KIB);
  const some = 400 * KIB;
  const url = server.on('/a', stallsAfter(image, some), gives(image));
  const killed = spawn(process.execPath, [PROCESS, stateDir, server.host, url], { stdio: 'ignore' });
  const exit = once(killed, 'exit');
  const here = (): number => {
    const names = readdirSync(cache.files.root).length > 0 ? readdirSync(cache.files.partial) : [];
    const [name] = names.filter((found) => !found.endsWith('.json') && !found.endsWith('.part'));
    return name === undefined ? 0 : statSync(cache.files.partialOf(name)).size;
  };
  await cache.files.prepare();
  await waitUntil('its bytes', () => Promise.resolve(here() === some));
  killed.kill('SIGKILL');
  await exit;
  assert.ok(image.equals(await bytesOf({ url })));
  assert.equal(server.requests[1]?.range, `bytes=${some}-`);
  assert.equal(counted.fetched, image.length - some);
});
