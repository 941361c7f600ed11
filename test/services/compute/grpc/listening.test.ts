import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { test } from 'node:test';
import { credentials, status } from '@grpc/grpc-js';
import { Supervisor } from '../../../../ops/private/supervisor.js';
import { makeTlsMaterial, type TlsMaterial } from '../../../../ops/private/tls-material.js';
import { waitUntil } from '../../../../ops/private/wait-until.js';
import { Health } from '../../../../services/common/proto/generated/grpc/health/v1/health_pb.js';
import { listen } from '../../../../services/compute/grpc/listener.js';
import { GrpcListen } from '../../../../services/compute/grpc/listen-address.js';
import { ApiClient } from '../../../support/api-client.js';
import { takeAwayAfter, type TakeAway } from '../../../support/take-away.js';
import { KeptLog } from '../../../support/with-worker.js';
import { temporaryDirectory, withApi } from '../../../support/with-api.js';

async function withTls(t: TakeAway): Promise<TlsMaterial> {
  const supervisor = await Supervisor.start();
  takeAwayAfter(t, async () => supervisor[Symbol.asyncDispose]());
  return makeTlsMaterial(supervisor);
}

const options = { maxConnections: 1, onConnection: () => {}, log: new KeptLog() };

test('a socket is its owner’s and its group’s; one that somebody serves, and what is none, is left alone', async (t) => {
  const { socket } = await withApi(t);
  assert.equal(statSync(socket).mode & 0o777, 0o660);
  await assert.rejects(listen({ socket }, options), { kind: 'precondition', message: /another process serves it/ });
  const file = join(temporaryDirectory(t), 'file');
  writeFileSync(file, '');
  await assert.rejects(listen({ socket: file }, options), { kind: 'precondition', message: /something else than a socket/ });
});

test('an address is unix:/path or host:port, and TCP without TLS is refused', async () => {
  assert.deepEqual(GrpcListen.parse('unix:/run/novalet/grpc.sock,[::1]:7443'), [
    { socket: '/run/novalet/grpc.sock' },
    { host: '::1', port: 7443 },
  ]);
  assert.deepEqual(GrpcListen.parse('off'), []);
  for (const wrong of ['', 'unix:relative', '127.0.0.1', 'host:99999', `unix:/${'x'.repeat(108)}`])
    assert.equal(GrpcListen.safeParse(wrong).success, false, wrong);
  await assert.rejects(listen({ host: '127.0.0.1', port: 0 }, options), { kind: 'precondition', message: /NOVALET_GRPC_CERT/ });
});

test('over TLS only who shows a certificate of the right authority gets through', async (t) => {
  const tls = await withTls(t);
  const { server } = await withApi(t, {
    listen: [{ host: '127.0.0.1', port: 0 }],
    tls: { cert: tls.serverCert, key: tls.serverKey, clientCa: tls.ca },
  });
  const [address = ''] = server.addresses;
  const [ca, key, cert] = [tls.ca, tls.clientKey, tls.clientCert].map((path) => readFileSync(path));
  const check = (channel: ReturnType<typeof credentials.createSsl>) =>
    ApiClient.of(t, address, channel).call(Health.method.check, {}, 5000);
  assert.equal((await check(credentials.createSsl(ca ?? null, key, cert))).status, 1);
  await assert.rejects(check(credentials.createSsl(ca ?? null)), { code: status.UNAVAILABLE });
  await assert.rejects(check(credentials.createInsecure()), { code: status.UNAVAILABLE });
  const other = await withTls(t);
  const [otherKey, otherCert] = [other.clientKey, other.clientCert].map((path) => readFileSync(path));
  await assert.rejects(check(credentials.createSsl(ca ?? null, otherKey, otherCert)), { code: status.UNAVAILABLE });
  assert.equal((await check(credentials.createSsl(ca ?? null, key, cert))).status, 1);
});

test('new certificates serve from the next connection on, and files that do not fit are told of', async (t) => {
  const [old, next] = [await withTls(t), await withTls(t)];
  const directory = temporaryDirectory(t);
  const [cert, key] = [join(directory, 'cert.pem'), join(directory, 'key.pem')];
  const put = (from: TlsMaterial): void => {
    copyFileSync(from.serverKey, key);
    copyFileSync(from.serverCert, cert);
  };
  put(old);
  const log = new KeptLog();
  const listener = await listen({ host: '127.0.0.1', port: 0 }, { ...options, maxConnections: 100, tls: { cert, key }, log, lookMs: 20 });
  takeAwayAfter(t, () => Promise.resolve(listener.close()));
  const isOf = (from: TlsMaterial) =>
    new Promise<boolean>((resolve) => {
      const [host, port] = listener.address.split(':');
      const socket = tlsConnect({
        host: host ?? '',
        port: Number(port),
        ca: readFileSync(from.ca),
        servername: 'localhost',
        ALPNProtocols: ['h2'],
      });
      socket.once('secureConnect', () => socket.destroy() && resolve(true)).once('error', () => resolve(false));
    });
  assert.deepEqual([await isOf(old), await isOf(next)], [true, false]);
  put(next);
  await waitUntil('the new certificate', () => isOf(next));
  assert.equal(await isOf(old), false);
  writeFileSync(cert, 'nothing');
  await waitUntil('the complaint', () => log.lines.some(({ phrase }) => /cannot be used/.test(phrase)));
  assert.equal(await isOf(next), true);
});

test('whoever connects and gets no further with TLS is ended, and keeps nobody out', { timeout: 30_000 }, async (t) => {
  const tls = await withTls(t);
  const files = { cert: tls.serverCert, key: tls.serverKey };
  const open = async (more: object) => {
    const listener = await listen({ host: '127.0.0.1', port: 0 }, { ...options, tls: files, ...more });
    takeAwayAfter(t, () => Promise.resolve(listener.close()));
    const port = Number(listener.address.split(':')[1]);
    const stranger = async (bytes = '') => {
      const socket = connect(port, '127.0.0.1').on('error', () => {});
      takeAwayAfter(t, () => Promise.resolve(void socket.destroy()));
      await once(socket, 'connect');
      socket.write(Buffer.from(bytes, 'hex'));
      return socket;
    };
    return { port, stranger };
  };
  const impatient = await open({ handshakeMs: 200 });
  const late = [await impatient.stranger(), await impatient.stranger('160301020001')];
  await Promise.all(late.map((socket) => once(socket.resume(), 'close')));

  const patient = await open({ handshakeMs: 600_000, maxHandshakes: 3 });
  const first = await patient.stranger();
  const gone = once(first.resume(), 'close');
  for (let count = 0; count < 3; count++) await patient.stranger();
  await gone;
  const rightful = tlsConnect({ port: patient.port, ca: readFileSync(tls.ca), servername: 'localhost', ALPNProtocols: ['h2'] });
  takeAwayAfter(t, () => Promise.resolve(void rightful.destroy()));
  await once(rightful, 'secureConnect');
});
