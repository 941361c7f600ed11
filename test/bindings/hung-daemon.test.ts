import assert from 'node:assert/strict';
import { lookup } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { after, test } from 'node:test';
import { setTimeout as later } from 'node:timers/promises';
import { open, poolStats, VIR_CONNECT_CLOSE_REASON_EOF, VIR_CONNECT_CLOSE_REASON_ERROR } from '@novalet/libvirt';
import { waitUntil } from '../../ops/private/wait-until.js';
import { withLibvirtd } from '../support/with-libvirtd.js';

const libvirtd = await withLibvirtd({ after });

test('calls that hang take four threads a connection, and nothing else waits for them', async () => {
  await using hung = await open(libvirtd.testUri);
  await using lively = await open('test:///default');
  const idle = poolStats();
  await libvirtd.freeze();
  const stuck = Array.from({ length: 20 }, () => hung.getHostname());
  await waitUntil('four calls to be under way', () => poolStats().active === idle.active + 4);
  assert.equal(poolStats().queued, idle.queued + 16);
  const began = performance.now();
  await Promise.all([lively.listAllDomains(), readFile(import.meta.filename), lookup('localhost'), later(10)]);
  assert.ok(performance.now() - began < 1000);
  await libvirtd.thaw();
  assert.equal(new Set(await Promise.all(stuck)).size, 1);
  assert.equal(poolStats().queued, 0);
});

test('threads are as many as there may be, however many connections hang; they answer all when it is over', async () => {
  const { limit } = poolStats();
  const connections = await Promise.all(Array.from({ length: limit / 4 + 2 }, () => open(libvirtd.testUri)));
  await libvirtd.freeze();
  const stuck = connections.flatMap((conn) => Array.from({ length: 4 }, () => conn.getHostname()));
  await waitUntil('every thread to be busy', () => poolStats().active === limit);
  assert.equal(poolStats().size, limit);
  assert.equal(poolStats().queued, 8);
  await libvirtd.thaw();
  assert.equal(new Set(await Promise.all(stuck)).size, 1);
  await Promise.all(connections.map((conn) => conn.close()));
});

test('a daemon that dies leaves no call hanging and is told of once', async () => {
  const conn = await open(libvirtd.testUri);
  const told: [unknown, number, string][] = [];
  const lost = new Promise<void>((resolve) => {
    void conn.registerCloseCallback((...all) => resolve(void told.push(all)), 'mine');
  });
  await conn.getHostname(); // the callback is registered before this
  await libvirtd.freeze();
  const stuck = Promise.allSettled(Array.from({ length: 8 }, () => conn.getHostname()));
  await waitUntil('calls to be under way', () => poolStats().active >= 4);
  await libvirtd.crash();
  await stuck; // a call may win the race with the kill; none may hang
  await lost;
  await assert.rejects(conn.getHostname(), { name: 'libvirtError', message: /closed/ });
  // The kernel answers what the daemon left unread with ECONNRESET, and libvirt tells whichever it sees first.
  const reason = told[0]?.[1] ?? Number.NaN;
  assert.ok([VIR_CONNECT_CLOSE_REASON_EOF, VIR_CONNECT_CLOSE_REASON_ERROR].includes(reason));
  assert.deepEqual(told, [[conn, reason, 'mine']]);
  assert.equal(await conn.isAlive(), 0);
  assert.equal(await conn.close(), 0);
  await libvirtd.start();
});

test('a daemon that dies with nothing left unread is the end of its file', async () => {
  const conn = await open(libvirtd.testUri);
  const lost = new Promise<number>((resolve) => {
    void conn.registerCloseCallback((_conn, reason) => resolve(reason), null);
  });
  await conn.getHostname(); // the callback is registered before this
  await libvirtd.crash();
  assert.equal(await lost, VIR_CONNECT_CLOSE_REASON_EOF);
  assert.equal(await conn.close(), 0);
  await libvirtd.start();
});

test('a connection has one close callback', async () => {
  await using conn = await open(libvirtd.testUri);
  await conn.registerCloseCallback(() => {});
  await assert.rejects(
    conn.registerCloseCallback(() => {}),
    { name: 'libvirtError', message: /already registered/ },
  );
  assert.equal(await conn.unregisterCloseCallback(), 0);
  assert.equal(await conn.registerCloseCallback(() => {}), 0);
});

test('calls beyond what the queue holds are refused at once, and say why', async () => {
  const conn = await open(libvirtd.testUri);
  await libvirtd.freeze();
  const { capacity } = poolStats();
  const held = Promise.allSettled(Array.from({ length: capacity + 4 }, () => conn.getHostname()));
  assert.equal(poolStats().queued, capacity);
  await assert.rejects(conn.getHostname(), { name: 'libvirtError', code: null, message: /65536 calls wait for libvirt already/ });
  await libvirtd.crash();
  assert.equal((await held).length, capacity + 4);
  await conn.close();
  await libvirtd.start();
});
