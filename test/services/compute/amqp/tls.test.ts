import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { waitUntil } from '../../../../ops/private/wait-until.js';
import { AmqpClient } from '../../../support/amqp-client.js';
import { spawnBody } from '../../../support/commands.js';
import { withVhost } from '../../../support/with-rabbitmq.js';
import { startWorker, withWorker } from '../../../support/with-worker.js';

async function withTls(t: Parameters<typeof withVhost>[0]) {
  const { tlsUrl, node } = await withVhost(t);
  assert.ok(tlsUrl !== undefined && node.tls);
  const [ca, cert, key] = await Promise.all([node.tls.ca, node.tls.clientCert, node.tls.clientKey].map((file) => readFile(file)));
  assert.ok(ca && cert && key);
  return { url: tlsUrl, ca, cert, key };
}

test('commands come over TLS with an own authority and a client certificate', async (t) => {
  const { url, ...tls } = await withTls(t);
  await withWorker(t, url, { amqp: { url, tls } });
  const client = await AmqpClient.connect(t, url, 'host-1', tls);
  assert.equal((await client.call('instance.spawn', spawnBody())).outcome, 'done');
});

test('a broker whose certificate another authority signed is not trusted', async (t) => {
  const { url, cert, key } = await withTls(t);
  const { log, worker } = startWorker(t, url, { amqp: { url, tls: { cert, key } } });
  await waitUntil('the refusal', () => log.lines.some(({ error }) => /certificate/.test(error ?? '')));
  assert.equal(worker.consuming, false);
});

test('without its client certificate the worker is not let in, and says so without the password', async (t) => {
  const { url, ca } = await withTls(t);
  const { log, worker } = startWorker(t, url, { amqp: { url, tls: { ca } } });
  await waitUntil('the refusal', () => log.lines.some(({ phrase }) => phrase === 'broker not reached'));
  assert.equal(worker.consuming, false);
  assert.ok(!JSON.stringify(log.lines).includes(new URL(url).password));
});
