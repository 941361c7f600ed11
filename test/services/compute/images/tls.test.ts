import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { digestOf, gives, redirectsTo, withImageServer } from '../../../support/image-server.js';
import { temporaryDirectory } from '../virt/libvirt/temporary-directory.js';
import { cacheBench, rawImage } from './cache-bench.js';

test('https: is taken from a server that the given authority vouches for, and from no other; it never becomes http:', async (t) => {
  const at = temporaryDirectory(t);
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const files = ['-keyout', `${at}/key.pem`, '-out', `${at}/cert.pem`];
  const kind = ['-x509', '-days', '1', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc'];
  execFileSync('openssl', ['req', ...kind, ...subject, ...files], { stdio: 'ignore' });
  const [key, cert] = [readFileSync(`${at}/key.pem`), readFileSync(`${at}/cert.pem`)];
  const secure = await withImageServer(t, { key, cert });
  const image = rawImage();
  const wish = { url: secure.on('/a', gives(image)), sha256: digestOf(image) };

  const distrustful = await cacheBench(t, { hosts: [secure.host] });
  await assert.rejects(distrustful.use(wish), { kind: 'denied', message: /is not trusted/ });

  const plain = await withImageServer(t);
  const trusting = await cacheBench(t, { hosts: [secure.host, plain.host], ca: cert });
  assert.ok(image.equals(await trusting.bytesOf(wish)));
  const down = secure.on('/down', redirectsTo(plain.on('/a', gives(image))));
  await assert.rejects(trusting.use({ url: down }), { kind: 'denied', message: /from https: to http:/ });
  assert.deepEqual(plain.requests, []);
});
