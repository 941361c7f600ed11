import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect as http2Connect, type ClientHttp2Session } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { create, toBinary } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import { waitUntil } from '../../../../ops/private/wait-until.js';
import {
  Health,
  HealthCheckResponse_ServingStatus as Serving,
} from '../../../../services/common/proto/generated/grpc/health/v1/health_pb.js';
import { ListInstancesRequestSchema } from '../../../../services/common/proto/generated/novalet/compute/v1/instance_service_pb.js';
import type { ApiClient } from '../../../support/api-client.js';
import { takeAwayAfter, type TakeAway } from '../../../support/take-away.js';
import { withApi } from '../../../support/with-api.js';
import { valueOf } from '../../../support/with-worker.js';

const LIST = '/novalet.compute.v1.InstanceService/ListInstances';

/** HTTP/2 by hand, for what no client of gRPC would say. */
function rawSession(t: TakeAway, socket: string): ClientHttp2Session {
  const session = http2Connect('http://novalet', { createConnection: () => connect(socket) });
  session.on('error', () => {});
  takeAwayAfter(t, () => Promise.resolve(session.destroy()));
  return session;
}

function frame(message: Uint8Array, length = message.length): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, message]);
}

/** The status that the server gives a call with this body. */
async function statusOfRaw(session: ClientHttp2Session, path: string, ...parts: readonly Buffer[]): Promise<number> {
  const stream = session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' });
  stream.setMaxListeners(0);
  let code: unknown;
  const read = (headers: object): void => void (code ??= (headers as Record<string, unknown>)['grpc-status']);
  stream.on('response', read);
  stream.on('trailers', read);
  stream.on('error', () => {});
  stream.resume();
  for (const part of parts)
    if (!stream.destroyed && !stream.write(part)) await Promise.race([once(stream, 'drain'), once(stream, 'close')]);
  if (!stream.destroyed) stream.end();
  if (!stream.closed) await once(stream, 'close');
  return Number(code ?? -1);
}

const isServing = async (client: ApiClient): Promise<boolean> =>
  (await client.call(Health.method.check, { service: 'novalet.compute.v1.InstanceService' })).status === Serving.SERVING;

test('bytes that are no message, and messages of nobody’s, are refused; the others go on', async (t) => {
  const { client, socket } = await withApi(t);
  const session = rawSession(t, socket);
  assert.equal(await statusOfRaw(session, LIST, frame(Buffer.from('ffffffffffffffffffffff', 'hex'))), status.INVALID_ARGUMENT);
  assert.equal(await statusOfRaw(session, LIST, frame(Buffer.from([0x0a, 0x05, 0xff, 0xfe, 0xfd, 0xfc, 0xfb]))), status.INVALID_ARGUMENT);
  assert.equal(await statusOfRaw(session, '/nobody.Knows/This', frame(Buffer.alloc(0))), status.UNIMPLEMENTED);
  // A list inside of a list, a thousand deep: what a field does not know is skipped, not followed.
  const deep = Array.from({ length: 1000 }).reduce<Buffer>(
    (inner) => Buffer.concat([Buffer.from([0x9b, 0x06]), inner, Buffer.from([0x9c, 0x06])]),
    Buffer.alloc(0),
  );
  assert.notEqual(await statusOfRaw(session, LIST, frame(deep)), status.OK);
  assert.ok(await isServing(client));
});

test('a message of 64 MiB is refused before it is read, and so is one that only says that it will come', async (t) => {
  const { client, socket } = await withApi(t);
  const before = process.memoryUsage().rss;
  for (let time = 0; time < 4; time++) {
    const session = rawSession(t, socket);
    const part = Buffer.alloc(1024 * 1024, 0x61);
    const size = 64 * part.length;
    assert.equal(await statusOfRaw(session, LIST, frame(part, size), ...Array.from({ length: 63 }, () => part)), status.RESOURCE_EXHAUSTED);
    assert.notEqual(await statusOfRaw(rawSession(t, socket), LIST, frame(Buffer.alloc(0), 2 ** 32 - 1)), status.OK);
  }
  assert.ok(await isServing(client));
  assert.ok(process.memoryUsage().rss - before < 128 * 1024 * 1024, `${process.memoryUsage().rss - before} bytes more`);
});

test('with more connections than it takes, the server drops the new ones and serves the old ones', async (t) => {
  const { client, socket, metrics } = await withApi(t, { maxConnections: 500 });
  assert.ok(await isServing(client));
  const sockets: Socket[] = [];
  takeAwayAfter(t, () => Promise.resolve(sockets.forEach((one) => one.destroy())));
  let dropped = 0;
  for (let count = 0; count < 2000; count++) {
    const one = connect(socket);
    one.on('error', () => {});
    one.once('close', () => dropped++);
    sockets.push(one);
    if (count % 100 === 99) await once(one, 'connect').catch(() => {});
  }
  await waitUntil('the rest to be dropped', () => dropped >= 1500);
  assert.ok((await valueOf(metrics, 'novalet_grpc_connections')) <= 500);
  assert.ok(await isServing(client));
});

test('a client that asks and never reads holds no memory but its own bounds', async (t) => {
  const { client, socket, driver } = await withApi(t);
  for (let count = 0; count < 50; count++) await client.ended(await client.create(randomUUID()));
  assert.equal(driver.host.instances.size, 50);
  const body = frame(toBinary(ListInstancesRequestSchema, create(ListInstancesRequestSchema, { parent: 'projects/-' })));
  const before = process.memoryUsage().rss;
  for (let count = 0; count < 20; count++) {
    const session = rawSession(t, socket);
    session.once('connect', () => session.setLocalWindowSize(65_535));
    for (let stream = 0; stream < 100; stream++) {
      const asked = session.request({ ':method': 'POST', ':path': LIST, 'content-type': 'application/grpc', te: 'trailers' });
      asked.on('error', () => {});
      asked.pause();
      asked.end(body);
    }
  }
  assert.ok(await isServing(client));
  assert.ok(process.memoryUsage().rss - before < 256 * 1024 * 1024, `${process.memoryUsage().rss - before} bytes more`);
});
