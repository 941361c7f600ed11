import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { PretendedError } from './pretended-libvirt.js';
import { workbench } from './workbench.js';

const change = (id: string, ms = 10_000) => ({ id, key: randomUUID(), deadline: Date.now() + ms });

async function spawned(t: Parameters<typeof workbench>[0], options = {}) {
  const bench = workbench(t, options);
  const wish = bench.request();
  await bench.driver.spawn(wish);
  const { id } = wish.spec;
  return { ...bench, id, wish, domain: () => bench.libvirt.domains.get(id)! };
}

test('a guest that does not hear its power button is switched off when its grace is over, not sooner', async (t) => {
  const { driver, libvirt, id, domain } = await spawned(t);
  domain().obeys = false;
  const began = Date.now();
  const steps: string[] = [];
  await driver.stop({ ...change(id), graceMs: 300 }, (step) => steps.push(step));
  assert.ok(Date.now() - began >= 300);
  assert.deepEqual([steps, libvirt.calls.includes('button 1')], [['shutdown', 'stop', 'record'], true]);
});

test('a clock that is set back does not make the grace longer', async (t) => {
  const { driver, libvirt, id, domain } = await spawned(t);
  domain().obeys = false;
  const now = Date.now.bind(Date);
  const wish = change(id);
  libvirt.next('shutdown', () => void t.mock.method(Date, 'now', () => now() - 3_600_000));
  assert.equal((await driver.stop({ ...wish, graceMs: 300 })).powerState, 'shutdown');
});

test('a deadline before the end of the grace ends the command, and nobody is switched off', async (t) => {
  const { driver, id, domain } = await spawned(t);
  domain().obeys = false;
  await assert.rejects(driver.stop({ ...change(id, 200), graceMs: 60_000 }), { kind: 'timeout', message: /asked to power off/ });
  assert.equal(domain().state, 1);
  assert.equal((await driver.find(id))?.desired.powerState, 'running');
});

test('a power-off of which no event came is seen all the same', async (t) => {
  const { driver, libvirt, id } = await spawned(t);
  libvirt.silent = true;
  assert.equal((await driver.stop({ ...change(id), graceMs: 60_000 })).powerState, 'shutdown');
});

test('a hypervisor without a power button switches off at once', async (t) => {
  const { driver, libvirt, id } = await spawned(t);
  for (const code of [8, 3]) libvirt.next('shutdown', new PretendedError(code));
  const steps: string[] = [];
  await driver.stop({ ...change(id), graceMs: 60_000 }, (step) => steps.push(step));
  assert.deepEqual(steps, ['shutdown', 'stop', 'record']);
});

test('a button that hangs costs the grace and no more', async (t) => {
  const { driver, libvirt, id } = await spawned(t);
  libvirt.next('shutdown', 'hang');
  assert.equal((await driver.stop({ ...change(id), graceMs: 200 })).powerState, 'shutdown');
});

test('a guest on its way out is still there: it can be switched off', async (t) => {
  const { driver, id, domain } = await spawned(t);
  domain().state = 4;
  assert.equal((await driver.stop({ ...change(id), graceMs: 0 })).powerState, 'shutdown');
});

test('a save that an attempt left under way is waited for', async (t) => {
  const { driver, libvirt, id, domain } = await spawned(t);
  Object.assign(domain(), { state: 3, reason: 3 });
  libvirt.next('state', () => {});
  libvirt.next('state', () => Object.assign(domain(), { state: 5, reason: 0, saved: true, id: -1 }));
  assert.equal((await driver.suspend({ ...change(id), bypassCache: false })).powerState, 'suspended');
  assert.ok(!libvirt.calls.includes('save'));
});

test('a guest that put itself to sleep is woken', async (t) => {
  const { driver, libvirt, id, domain } = await spawned(t);
  domain().state = 7;
  assert.equal((await driver.unpause(change(id))).powerState, 'running');
  assert.deepEqual([libvirt.calls.includes('wake'), libvirt.calls.includes('resume')], [true, false]);
});

test('a guest that pauses again at once is told of, and its command is not noted as done', async (t) => {
  const { driver, libvirt, id, domain } = await spawned(t);
  const request = change(id);
  await driver.pause(change(id));
  libvirt.next('metadata', () => {});
  libvirt.next('metadata', () => Object.assign(domain(), { state: 3, reason: 5 }));
  await assert.rejects(driver.unpause(request), { kind: 'precondition', message: /a moment later the instance is paused/ });
  assert.equal((await driver.unpause(request)).powerState, 'running');
});

test('metadata of a guest that goes off in between is written all the same', async (t) => {
  const { driver, libvirt, id, domain } = await spawned(t);
  libvirt.next('setMetadata', () => Object.assign(domain(), { state: 5, id: -1 }));
  await driver.setMetadata({ ...change(id), metadata: { a: 'b' } });
  assert.deepEqual((await driver.find(id))?.metadata, { a: 'b' });
});

test('a start with autodestroy is remembered, and a reboot keeps it', async (t) => {
  const { driver, id } = await spawned(t);
  await driver.stop({ ...change(id), graceMs: 0 });
  await driver.start({ ...change(id), start: { autodestroy: true } });
  await driver.reboot({ ...change(id), mode: 'hard', graceMs: 0 });
  assert.deepEqual((await driver.find(id))?.desired, { powerState: 'running', autodestroy: true });
});

test('a start afresh drops the memory that was kept, only when it is asked for', async (t) => {
  const { driver, libvirt, id } = await spawned(t);
  await driver.suspend({ ...change(id), bypassCache: true });
  await assert.rejects(driver.start({ ...change(id), start: {} }), { kind: 'precondition', message: /is suspended; resume it first/ });
  assert.equal((await driver.start({ ...change(id), start: { forceBoot: true } })).powerState, 'running');
  assert.ok(libvirt.calls.includes('boot afresh'));
});

test('an instance that lost its directory can be changed, and remembers from then on', async (t) => {
  const { driver, id, stateDir } = await spawned(t);
  const directory = path.join(stateDir, 'instances', id);
  rmSync(directory, { recursive: true });
  await driver.pause(change(id));
  assert.match(readFileSync(path.join(directory, 'journal.jsonl'), 'utf8'), /"verb":"pause"/);
});

test('diagnostics are made from what libvirt and QEMU say, in bytes and seconds', async (t) => {
  const { driver, libvirt, id } = await spawned(t);
  libvirt.stats = {
    'vcpu.maximum': 2,
    'vcpu.0.time': 1_500_000_000,
    'net.count': 1,
    'net.0.name': 'vnet0',
    'net.0.rx.bytes': 10,
    'balloon.current': 16,
    'balloon.rss': 20,
    'block.count': 1,
    'block.0.name': 'vda',
    'block.0.rd.reqs': 3,
    'block.0.capacity': 1024,
  };
  const { missing, cpuSeconds, vcpus, interfaces, memory, disks } = await driver.diagnostics(change(id));
  assert.deepEqual([missing, cpuSeconds], [[], 2.5]);
  assert.deepEqual(vcpus, [{ number: 0, seconds: 1.5 }]);
  assert.deepEqual(interfaces, [{ device: 'vnet0', receivedBytes: 10 }]);
  assert.deepEqual(memory, { balloonBytes: 16 * 1024, residentBytes: 20 * 1024 });
  assert.deepEqual(disks, [{ device: 'vda', readRequests: 3, capacityBytes: 1024 }]);
});

test('a QEMU that does not answer leaves its parts out of the diagnostics, before the deadline', async (t) => {
  const { driver, libvirt, id } = await spawned(t);
  libvirt.stats = { 'net.count': 0 };
  libvirt.next(`stats ${4 + 8 + 32}`, 'hang');
  const { missing } = await driver.diagnostics(change(id, 500));
  assert.deepEqual(missing, ['vcpus', 'memory', 'disks']);
});

for (const mode of ['hard', 'soft'] as const)
  test(`a guest whose disk is gone is not switched off by a ${mode} reboot: it would not come back`, async (t) => {
    const bench = workbench(t);
    const wish = bench.request({ disks: [{ sizeMiB: 1 }] });
    await bench.driver.spawn(wish);
    const { id } = wish.spec;
    rmSync(path.join(bench.stateDir, 'instances', id, 'disk-0.qcow2'));
    const reboot = bench.driver.reboot({ ...change(id), mode, graceMs: 1000 });
    await assert.rejects(reboot, { kind: 'precondition', message: /vda, disk-0\.qcow2, is gone; the guest is left as it is/ });
    assert.equal((await bench.driver.find(id))?.powerState, 'running');
  });
