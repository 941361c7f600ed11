import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, test } from 'node:test';
import {
  libvirtError,
  open,
  poolStats,
  VIR_CONNECT_CLOSE_REASON_EOF,
  VIR_STREAM_EVENT_READABLE,
  VIR_STREAM_NONBLOCK,
  withDeadline,
} from '@novalet/libvirt';
import { qemuMonitorEventDeregister, qemuMonitorEventRegister } from '@novalet/libvirt/qemu';
import { waitUntil } from '../../ops/private/wait-until.js';
import { withLibvirtd } from '../support/with-libvirtd.js';
import { startEchoGuest } from './support/echo-guest.js';
import { makePool } from './support/storage.js';

const libvirtd = await withLibvirtd({ after });
const conn = await open(libvirtd.qemuUri);
after(() => conn.close());
const pool = await makePool(conn, libvirtd.directory);
const guest = await startEchoGuest(conn, pool);

test('a console is a pair of Node streams over one libvirt stream', async () => {
  const stream = conn.newStream(VIR_STREAM_NONBLOCK);
  await guest.openConsole(null, stream, 0);
  const readable = stream.readable();
  const writable = stream.writable();
  let text = '';
  readable.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
  // The guest may have said '>' before the console was open.
  for (const word of ['hello ', 'again ']) {
    writable.write(word);
    await waitUntil('the echo', () => text.endsWith(word), { timeoutMs: 30_000 });
  }
  const before = poolStats().active;
  assert.equal(before, 0); // nobody waits on a thread
  const closed = once(writable, 'close');
  readable.destroy();
  writable.destroy();
  await closed;
  await assert.rejects(stream.recv(1), libvirtError);
});

test('a stream that does not block says so, and tells when there is something', async () => {
  const stream = conn.newStream(VIR_STREAM_NONBLOCK);
  await guest.openConsole(null, stream, 0);
  assert.equal(await stream.recv(100), -2);
  const told = new Promise<unknown[]>((resolve) => {
    void stream.eventAddCallback(VIR_STREAM_EVENT_READABLE, (...all) => resolve(all), 'mine');
  });
  assert.equal(await stream.send(Buffer.from('x')), 1);
  assert.deepEqual(await told, [stream, VIR_STREAM_EVENT_READABLE, 'mine']);
  await assert.rejects(
    stream.eventAddCallback(1, () => {}),
    libvirtError,
  );
  assert.equal(await stream.eventRemoveCallback(), 0);
  assert.equal(String(await stream.recv(100)), 'x');
  await assert.rejects(
    stream.recvAll(() => {}),
    /cannot use recvAll with nonblocking stream/,
  );
  await stream.abort();
});

test('a read that waits for the guest takes no thread and keeps no other call; an abort ends it', async () => {
  const stream = conn.newStream();
  await guest.openConsole(null, stream, 0);
  const waiting = stream.recv(100);
  const began = performance.now();
  // libvirt itself would hold some of these up until the daemon says something, for seconds.
  for (let i = 0; i < 50; i++) await conn.getHostname();
  assert.ok(performance.now() - began < 3000);
  assert.equal(poolStats().active, 0);
  await stream.send(Buffer.from('x')); // neither does it keep the other direction
  assert.equal(String(await waiting), 'x');
  const ended = assert.rejects(stream.recv(100), libvirtError);
  await stream.abort();
  await ended;
});

test('a read that waits for the guest does not keep its connection from closing', async () => {
  const own = await open(libvirtd.qemuUri);
  const stream = own.newStream();
  await (await own.lookupByName('echo')).openConsole(null, stream, 0);
  const ended = assert.rejects(stream.recv(100), libvirtError);
  await own.getHostname();
  assert.equal(await own.close(), 0);
  await ended;
});

test('a read that waits is given up at its deadline, and the next one misses nothing', async () => {
  await using stream = conn.newStream();
  await guest.openConsole(null, stream, 0);
  await assert.rejects(
    withDeadline({ timeout: 50 }, () => stream.recv(100)),
    { name: 'TimeoutError' },
  );
  await stream.send(Buffer.from('y'));
  assert.equal(String(await stream.recv(100)), 'y');
});

test('a screenshot comes as a picture', async () => {
  await using test = await open('test:///default');
  for (const [connection, domain] of [
    [conn, guest],
    [test, await test.lookupByName('test')],
  ] as const) {
    await using stream = connection.newStream();
    const mime = await domain.screenshot(stream, 0, 0);
    const parts: Buffer[] = [];
    for await (const part of stream.readable()) parts.push(part as Buffer);
    const picture = Buffer.concat(parts);
    assert.ok(picture.length > 100);
    assert.equal(picture.subarray(0, 2).toString('latin1'), mime === 'image/png' ? '\x89P' : 'P6');
  }
});

test('QEMU’s own events come as they are, to several callbacks', async () => {
  const told: unknown[][] = [];
  const first = await qemuMonitorEventRegister(conn, guest, 'STOP', (...all) => told.push(all), 'mine');
  const second = await qemuMonitorEventRegister(conn, guest, 'STOP', (...all) => told.push(all));
  assert.notEqual(first, second);
  await guest.suspend();
  await waitUntil('both to be told', () => told.length === 2);
  const [from, dom, event, seconds, micros, details, opaque] = told[0] ?? [];
  assert.equal(from, conn);
  assert.equal((dom as typeof guest).name(), 'echo');
  assert.deepEqual([event, details, opaque], ['STOP', null, 'mine']);
  assert.ok(Math.abs((seconds as number) - Date.now() / 1000) < 60 && (micros as number) < 1e6);
  await guest.resume();
  await qemuMonitorEventDeregister(conn, first);
  await qemuMonitorEventDeregister(conn, second);
  await assert.rejects(qemuMonitorEventDeregister(conn, second), { code: 8 });
});

test('a daemon that dies ends the reads and the loops that wait, and is told of', async () => {
  const own = await open(libvirtd.qemuUri);
  const stream = own.newStream();
  await (await own.lookupByName('echo')).openConsole(null, stream, 0);
  await stream.send(Buffer.from('z'));
  assert.equal(String(await stream.recv(10)), 'z');
  const read = assert.rejects(stream.recv(10), libvirtError);
  const next = assert.rejects((await own.domainEvents(null, 0)).next(), { name: 'libvirtError', message: /the connection was lost/ });
  const told = new Promise((resolve) => void own.registerCloseCallback((_, reason) => resolve(reason)));
  await own.getHostname();
  await libvirtd.crash();
  await Promise.all([read, next]);
  assert.equal(await told, VIR_CONNECT_CLOSE_REASON_EOF);
  assert.equal(await own.close(), 0);
  await libvirtd.start();
});
