import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect as http2Connect, type ClientHttp2Session } from 'node:http2';
import { connect } from 'node:net';
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

/** Connections that a server takes, where nobody says how many. */
const BOUND = 4096;
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

/** As many as this process, which has the other ends, may have open; more than a thousand anywhere. */
function manyConnections(): number {
  const [, limit = '1024'] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
  return Math.min(10_000, 2 * (Number(limit) - 500));
}

/** Opens so many connections that say nothing, from a process of its own, and says how many are open and how many were dropped. */
const CROWD = `
  const { connect } = require('node:net');
  const [socket, wanted] = process.argv.slice(1);
  let connected = 0, dropped = 0;
  const seen = () => { if (connected === Number(wanted)) console.log(JSON.stringify({ connected, dropped })); };
  const next = (left) => {
    if (left === 0) return;
    let open = false;
    const one = connect(socket, () => { open = true; connected++; seen(); next(left - 1); });
    one.on('error', () => {});
    // A queue of connections that is full refuses; they come again.
    one.once('close', () => { if (open) { dropped++; seen(); } else setTimeout(next, 2, left); });
  };
  for (let line = 0; line < 100; line++) next(Number(wanted) / 100);`;

test('of ten thousand connections it keeps as many as it takes and drops the rest, and whoever was there is served as ever', async (t) => {
  const { client, socket, metrics } = await withApi(t);
  assert.ok(await isServing(client));
  const count = Math.floor(manyConnections() / 100) * 100;
  const kept = Math.min(count, BOUND - 1);
  const before = process.memoryUsage().rss;
  const crowd = spawn(process.execPath, ['-e', CROWD, socket, String(count)], { stdio: ['ignore', 'pipe', 'inherit'] });
  takeAwayAfter(t, async () => {
    crowd.kill('SIGKILL');
    await once(crowd, 'close');
  });
  let seen = { connected: 0, dropped: 0 };
  crowd.stdout.on('data', (text: Buffer) => (seen = JSON.parse(text.toString().trim().split('\n').at(-1) ?? '{}') as typeof seen));
  let slowest = 0;
  await waitUntil('the rest to be dropped', async () => {
    const asked = performance.now();
    assert.ok(await isServing(client));
    slowest = Math.max(slowest, performance.now() - asked);
    return seen.connected === count && seen.connected - seen.dropped === kept;
  });
  const grown = Math.round((process.memoryUsage().rss - before) / 1024 / 1024);
  t.diagnostic(`${count} connections, ${kept} kept: ${grown} MiB more, slowest call ${Math.round(slowest)} ms`);
  assert.ok((await valueOf(metrics, 'novalet_grpc_connections')) <= BOUND);
  assert.ok(grown < 512, `${grown} MiB more`);
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
