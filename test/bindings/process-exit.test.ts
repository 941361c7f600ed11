import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withLibvirtd } from '../support/with-libvirtd.js';
import { runScript } from './support/run-script.js';

const LIBVIRT = `import { open } from '@novalet/libvirt';`;
/** Generous for a sanitized process on a busy machine; without care it would be minutes, or never. */
const PROMPT_MS = 5000;

test('a process with nothing left to do ends, open connections or not', async (t) => {
  const libvirtd = await withLibvirtd(t);
  const script = runScript(`${LIBVIRT}
    const conn = await open('${libvirtd.testUri}');
    await conn.listAllDomains();`);
  assert.equal(await script.ended, 0);
});

test('a call under way keeps the process until it is settled', async () => {
  const script = runScript(`${LIBVIRT}
    open('test:///default').then((conn) => conn.getHostname()).then(() => console.log('settled'));`);
  assert.equal(await script.line(), 'settled');
  assert.equal(await script.ended, 0);
});

test('a registration keeps the process until it is ended', async () => {
  const script = runScript(`${LIBVIRT}
    const conn = await open('test:///default');
    const domain = await conn.lookupByName('test');
    const id = await conn.domainEventRegisterAny(null, 0, async () => {
      console.log('told');
      await conn.domainEventDeregisterAny(id);
    });
    setTimeout(() => domain.destroy(), 100).unref();
    process.on('exit', () => console.log('over'));`);
  // The timer alone would not keep the process; the registration does.
  assert.equal(await script.line(), 'told');
  assert.equal(await script.line(), 'over');
  assert.equal(await script.ended, 0);
});

test('process.exit is prompt with calls stuck in a frozen daemon', async (t) => {
  const libvirtd = await withLibvirtd(t);
  const script = runScript(`${LIBVIRT}
    const conn = await open('${libvirtd.testUri}');
    const domain = await conn.lookupByName('test');
    await conn.domainEventRegisterAny(null, 0, () => {});
    process.once('SIGUSR2', () => {
      for (let i = 0; i < 10; i++) void domain.info();
      setTimeout(() => {
        console.log('leaving');
        process.exit(7);
      }, 200);
    });
    console.log('ready');`);
  assert.equal(await script.line(), 'ready');
  await libvirtd.freeze();
  process.kill(script.pid, 'SIGUSR2');
  assert.equal(await script.line(), 'leaving');
  const began = performance.now();
  assert.equal(await script.ended, 7);
  const took = performance.now() - began;
  t.diagnostic(`took ${took.toFixed(0)} ms`);
  assert.ok(took < PROMPT_MS, `took ${took} ms`);
  await libvirtd.thaw();
});
