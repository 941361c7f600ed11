import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { test } from 'node:test';
import { open, type virDomain } from '@novalet/libvirt';
import { waitUntil } from '../../ops/private/wait-until.js';
import { withLibvirtd } from '../support/with-libvirtd.js';
import { collectGarbage } from './support/collect-garbage.js';

const DOMAIN = '<domain type="test"><name>NAME</name><memory>1024</memory><os><type>hvm</type></os></domain>';

test('objects dropped while calls on them are under way live as long as the calls', async () => {
  await using conn = await open('test:///default');
  for (let round = 0; round < 20; round++) {
    const calls: Promise<unknown>[] = [];
    for (let i = 0; i < 50; i++) {
      const name = `drop-${round}-${i}`;
      // Nothing but the chain of calls holds the domain.
      calls.push(
        conn.defineXML(DOMAIN.replace('NAME', name)).then(async (domain) => {
          await domain.create();
          await Promise.all([domain.info(), domain.XMLDesc(), domain.state()]);
          await domain.destroy();
          await domain.undefine();
        }),
      );
      if (i % 10 === 0) await collectGarbage();
    }
    await Promise.all(calls);
  }
  assert.equal((await conn.listAllDomains()).length, 1);
});

test('a connection that nobody closed is closed when it and its children are garbage', async (t) => {
  const libvirtd = await withLibvirtd(t);
  const openFiles = (): number => readdirSync(`/proc/${libvirtd.pid}/fd`).length;
  const before = openFiles();
  let forgotten: virDomain | null = null;
  await (async () => {
    for (let i = 0; i < 10; i++) forgotten = await (await open(libvirtd.testUri)).lookupByName('test');
  })();
  // A child keeps its connection, and only its own.
  await waitUntil('nine of ten connections to be closed', async () => (await collectGarbage(), openFiles() <= before + 1));
  assert.equal((forgotten as virDomain | null)?.name(), 'test');
  forgotten = null;
  await waitUntil('the last one to be closed', async () => (await collectGarbage(), openFiles() <= before));
});

test('garbage whose end would wait for a frozen daemon does not hold up the process', async (t) => {
  const libvirtd = await withLibvirtd(t);
  const openFiles = (): number => readdirSync(`/proc/${libvirtd.pid}/fd`).length;
  const before = openFiles();
  const forgotten = [await (await open(libvirtd.testUri)).lookupByName('test')];
  await libvirtd.freeze();
  const began = performance.now();
  // The last reference goes: freeing the domain closes its connection, which is a call to the daemon.
  assert.equal(forgotten.pop()?.name(), 'test');
  await collectGarbage();
  await using other = await open('test:///default');
  assert.equal((await other.listAllDomains()).length, 1);
  const took = performance.now() - began;
  t.diagnostic(`took ${took.toFixed(0)} ms`);
  assert.ok(took < 2000, `held up for ${took} ms`);
  await libvirtd.thaw();
  await waitUntil('the connection to be closed', async () => (await collectGarbage(), openFiles() <= before));
});

test('a hundred thousand objects dropped at once do not stall the process', async () => {
  await using conn = await open('test:///default');
  let dropped: unknown[] = [];
  for (let i = 0; i < 100; i++) dropped.push(await Promise.all(Array.from({ length: 1000 }, () => conn.lookupByName('test'))));
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  dropped = [];
  await collectGarbage();
  delay.disable();
  // On the main thread libvirt's frees alone would take 0.3 s.
  assert.ok(delay.max < 1e9, `stalled for ${delay.max / 1e6} ms`);
  assert.equal((await conn.listAllDomains()).length, 1);
});
