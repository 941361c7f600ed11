import assert from 'node:assert/strict';
import { test } from 'node:test';
import { untilDeadline } from '../../../../services/compute/virt/libvirt/deadline.js';
import { prefetch } from '../../../../services/compute/images/prefetch.js';
import { cacheBench, KIB, rawImage } from './cache-bench.js';
import { ComputeError } from '../../../../services/common/errors.js';
import { stallsAfter } from '../../../support/image-server.js';

test('a server that sends a little all the time is left', async (t) => {
  const { server, use } = await cacheBench(t, { stallMs: 100, leastBytes: 64 * KIB });
  const url = server.on('/a', (_request, response) => {
    response.writeHead(200, { 'content-length': 300 * KIB });
    const timer = setInterval(() => response.write('x'), 10);
    response.on('close', () => clearInterval(timer));
  });
  await assert.rejects(use({ url }), { kind: 'unavailable', message: /no more than \d+ bytes came in 0.1 s/ });
});

test('a server whose head comes byte by byte is left', async (t) => {
  const { server, use } = await cacheBench(t, { stallMs: 100 });
  const url = server.on('/a', (_request, { socket }) => {
    socket?.write('HTTP/1.1 200 OK\r\nx-slow: ');
    const timer = setInterval(() => socket?.write('x'), 10);
    socket?.on('error', () => {});
    socket?.on('close', () => clearInterval(timer));
  });
  await assert.rejects(use({ url }), { kind: 'unavailable', message: /no answer came for 0.1 s/ });
});

test('a deadline that comes first tells of what, how far it was, and what kept it', async (t) => {
  const { server, cache } = await cacheBench(t, { stallMs: 60_000 });
  const image = rawImage();
  const image500 = { url: server.on('/a?signature', (_request, response) => void response.writeHead(500).end()) };
  await assert.rejects(prefetch({ image: image500, deadline: Date.now() + 20_000 }, cache), { kind: 'unavailable' });
  server.on('/a?signature', () => {}); // and now it says nothing
  await assert.rejects(prefetch({ image: image500, deadline: Date.now() + 250 }, cache), {
    kind: 'timeout',
    details: { field: 'image' },
    message: /\/a\?…: no byte came; the attempt before failed: .* answers 500\)/,
  });
  const stalls = server.on('/b', stallsAfter(image, 100 * KIB));
  await assert.rejects(prefetch({ image: { url: stalls }, deadline: Date.now() + 1000 }, cache), {
    kind: 'timeout',
    message: /\/b: \d+ bytes are here\)/,
  });
});

test('a spawn of many disks listens for its end without a warning', async (t) => {
  const warnings: Error[] = [];
  const note = (warning: Error): void => void warnings.push(warning);
  process.on('warning', note);
  t.after(() => process.off('warning', note));
  const { signal, end } = untilDeadline(Date.now() + 60_000, new AbortController().signal, () => new ComputeError('timeout', 'late'));
  for (let i = 0; i < 20; i++) signal.addEventListener('abort', () => {}, { once: true });
  await new Promise(setImmediate);
  end();
  assert.deepEqual(warnings, []);
});
